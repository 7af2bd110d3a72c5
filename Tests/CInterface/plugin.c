/* A plug-in's life: the library is opened, used and closed by a thread, which ends after that; three times. What the library keeps
 * for each thread is freed when its code would be gone.
 */
#include <dlfcn.h>
#include <gl_vulkan_interop.h>
#include <pthread.h>
#include <stdio.h>

#define QUOTED(text) #text
#define TEXT(macro) QUOTED(macro)

static void *once(void *unused) {
  (void)unused;
  void *library = dlopen("libglvulkaninterop.so." TEXT(GLVK_ABI_MAJOR), RTLD_NOW | RTLD_LOCAL);
  glvk_result (*destroy)(glvk_producer);
  const char *(*message)(void);
  if (!library) return dlerror();
  *(void **)&destroy = dlsym(library, "glvk_producer_destroy");
  *(void **)&message = dlsym(library, "glvk_last_error_message");
  glvk_producer none = {0};
  if (destroy(none) != GLVK_ERROR_INVALID_HANDLE || !*message()) return "no error for a handle that is 0";
  dlclose(library);
  return NULL;
}

int main(void) {
  int round;
  for (round = 0; round < 3; round++) {
    pthread_t thread;
    void *error = NULL;
    pthread_create(&thread, NULL, once, NULL);
    pthread_join(thread, &error);
    if (error) {
      fprintf(stderr, "plugin: %s\n", (char *)error);
      return 1;
    }
  }
  printf("opened and closed %d times\n", round);
  return 0;
}
