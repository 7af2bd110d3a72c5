#define _GNU_SOURCE
#include "Internal.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef void(GL_APIENTRYP target_texture)(GLenum target, GLeglImageOES image);

static PFNEGLCREATEIMAGEKHRPROC real_eglCreateImageKHR;
static PFNEGLDESTROYIMAGEKHRPROC real_eglDestroyImageKHR;
static PFNEGLEXPORTDMABUFIMAGEQUERYMESAPROC real_eglExportDMABUFImageQueryMESA;
static PFNEGLEXPORTDMABUFIMAGEMESAPROC real_eglExportDMABUFImageMESA;
static target_texture real_glEGLImageTargetTexture2DOES;

static object *find_egl_image(EGLImageKHR image) { return find_object(EGL_IMAGE, HANDLE(image)); }

// The attributes of a DMA-BUF, as they were given.
typedef struct description {
  EGLint width, height, fourcc;
  struct {
    EGLint descriptor, offset, pitch, low, high;
    bool has_descriptor, has_offset, has_pitch, has_low, has_high;
  } planes[4];
} description;

#define PLANE(n) \
  case EGL_DMA_BUF_PLANE##n##_FD_EXT: \
    found->planes[n].descriptor = value, found->planes[n].has_descriptor = true; \
    break; \
  case EGL_DMA_BUF_PLANE##n##_OFFSET_EXT: found->planes[n].offset = value, found->planes[n].has_offset = true; break; \
  case EGL_DMA_BUF_PLANE##n##_PITCH_EXT: found->planes[n].pitch = value, found->planes[n].has_pitch = true; break; \
  case EGL_DMA_BUF_PLANE##n##_MODIFIER_LO_EXT: found->planes[n].low = value, found->planes[n].has_low = true; break; \
  case EGL_DMA_BUF_PLANE##n##_MODIFIER_HI_EXT: found->planes[n].high = value, found->planes[n].has_high = true; break;

static bool read_attributes(const EGLint *attributes, description *found) {
  for (; attributes[0] != EGL_NONE; attributes += 2) {
    EGLint value = attributes[1];
    switch (attributes[0]) {
      case EGL_WIDTH: found->width = value; break;
      case EGL_HEIGHT: found->height = value; break;
      case EGL_LINUX_DRM_FOURCC_EXT: found->fourcc = value; break;
      // YUV's.
      case EGL_YUV_COLOR_SPACE_HINT_EXT:
      case EGL_SAMPLE_RANGE_HINT_EXT:
      case EGL_YUV_CHROMA_HORIZONTAL_SITING_HINT_EXT:
      case EGL_YUV_CHROMA_VERTICAL_SITING_HINT_EXT:
        break;
        PLANE(0) PLANE(1) PLANE(2) PLANE(3) default : violate("eglCreateImageKHR gets attribute 0x%x", attributes[0]);
        return false;
    }
  }
  return true;
}

// Checks one plane against the rules. false for what no driver takes.
static bool check_plane(const description *found, int index, uint64_t modifier, bool has_modifier) {
  if (!found->planes[index].has_offset || !found->planes[index].has_pitch) {
    violate("plane %d has a descriptor and no offset or pitch", index);
    return false;
  }
  bool has_own = found->planes[index].has_low && found->planes[index].has_high;
  uint64_t own = (uint64_t)(uint32_t)found->planes[index].high << 32 | (uint32_t)found->planes[index].low;
  bool is_half = found->planes[index].has_low != found->planes[index].has_high;
  if (is_half || has_own != has_modifier || (has_own && own != modifier)) {
    violate("plane %d has another modifier than plane 0", index);
  }
  int descriptor = found->planes[index].descriptor;
  if (!fake_drm_is_buffer(descriptor)) {
    violate("plane %d has descriptor %d, which is no buffer", index, descriptor);
    return false;
  }
  uint64_t bytes = file_bytes(descriptor);
  EGLint offset = found->planes[index].offset;
  if (offset < 0 || found->planes[index].pitch < 0 || (uint64_t)offset >= bytes) {
    violate("plane %d has offset %d and pitch %d in a buffer of %lu bytes", index, offset, found->planes[index].pitch,
      (long)bytes);
    return false;
  }
  // As Mesa: no pitch of 0.
  return found->planes[index].pitch > 0;
}

static EGLImageKHR refuse(EGLint error) {
  raise_egl_error(error);
  return EGL_NO_IMAGE_KHR;
}

static EGLImageKHR import(const EGLint *attributes) {
  description found = {0};
  if (!read_attributes(attributes, &found)) return refuse(EGL_BAD_ATTRIBUTE);
  if (found.width <= 0 || found.height <= 0) {
    violate("EGL imports a buffer of %dx%d", found.width, found.height);
    return refuse(EGL_BAD_ATTRIBUTE);
  }
  uint32_t count = 0;
  while (count < 4 && found.planes[count].has_descriptor) count++;
  for (uint32_t i = count; i < 4; i++) {
    if (!found.planes[i].has_descriptor && !found.planes[i].has_offset && !found.planes[i].has_low) continue;
    violate("plane %u is given and one before it is not", i);
  }
  bool has_modifier = found.planes[0].has_low;
  uint64_t modifier = (uint64_t)(uint32_t)found.planes[0].high << 32 | (uint32_t)found.planes[0].low;
  if (has_modifier && fake.lacks_egl_modifiers) violate("EGL is told a modifier and knows none");
  if (has_modifier && modifier == MOD_INVALID) violate("EGL is told DRM_FORMAT_MOD_INVALID");
  for (uint32_t i = 0; i < count; i++) {
    if (!check_plane(&found, (int)i, modifier, has_modifier)) return refuse(EGL_BAD_ACCESS);
  }
  const known_modifier *known = find_modifier(has_modifier ? modifier : MOD_LINEAR);
  if (has_modifier && (known == NULL || known->is.egl_planes == 0)) return refuse(EGL_BAD_MATCH);
  if (has_modifier && count != known->is.egl_planes) return refuse(EGL_BAD_ATTRIBUTE);
  if (has_modifier && known->is.egl_error != 0) return refuse(known->is.egl_error);
  EGLint side = found.width > found.height ? found.width : found.height;
  if (has_modifier && known->is.egl_largest != 0 && side > (EGLint)known->is.egl_largest) return refuse(EGL_BAD_ALLOC);
  object *made = add_object(EGL_IMAGE, 0);
  made->egl_image.fourcc = (uint32_t)found.fourcc;
  made->egl_image.width = (uint32_t)found.width;
  made->egl_image.height = (uint32_t)found.height;
  made->egl_image.cannot_render = known != NULL && known->is.cannot_render;
  made->egl_image.is_external_only = known != NULL && known->is.is_external_only;
  count_import();
  return (EGLImageKHR)(uintptr_t)made->handle;
}

static EGLImageKHR EGLAPIENTRY my_eglCreateImageKHR(
  EGLDisplay display, EGLContext context, EGLenum target, EGLClientBuffer buffer, const EGLint *attributes) {
  if (!fake_is_on) return real_eglCreateImageKHR(display, context, target, buffer, attributes);
  if (target == EGL_LINUX_DMA_BUF_EXT) {
    if (context != EGL_NO_CONTEXT || buffer != NULL) violate("a DMA-BUF is imported with a context or a client buffer");
    return import(attributes);
  }
  if (target != EGL_GL_TEXTURE_2D_KHR) return real_eglCreateImageKHR(display, context, target, buffer, attributes);
  object *made = add_object(EGL_IMAGE, 0);
  made->egl_image.texture = (GLuint)(uintptr_t)buffer;
  return (EGLImageKHR)(uintptr_t)made->handle;
}

static EGLBoolean EGLAPIENTRY my_eglDestroyImageKHR(EGLDisplay display, EGLImageKHR image) {
  return remove_object(EGL_IMAGE, HANDLE(image)) ? EGL_TRUE : real_eglDestroyImageKHR(display, image);
}

static GLenum internal_format(uint32_t fourcc) {
  switch (fourcc) {
    case 0x20203852: return GL_R8;        // R8
    case 0x38385247: return GL_RG8;       // GR88
    case 0x30334241:                      // AB30
    case 0x30334258: return GL_RGB10_A2;  // XB30
    case 0x48344241:                      // AB4H
    case 0x48344258: return GL_RGBA16F;   // XB4H
    default: return GL_RGBA8;
  }
}

static void GL_APIENTRY my_glEGLImageTargetTexture2DOES(GLenum target, GLeglImageOES image) {
  object *found = find_egl_image((EGLImageKHR)image);
  if (found == NULL) {
    if (fake_is_on) return violate("a texture is made of an EGLImage that is not there");
    return real_glEGLImageTargetTexture2DOES(target, image);
  }
  // What is not external only may be sampled as an external texture too.
  if (found->egl_image.is_external_only && target != GL_TEXTURE_EXTERNAL_OES) {
    violate("an image that is external only becomes a texture of target 0x%x", target);
  }
  // A texture of its own stands for the buffer; without storage it cannot be rendered into.
  if (target != GL_TEXTURE_2D || found->egl_image.cannot_render) return;
  static PFNGLTEXSTORAGE2DPROC storage;
  if (storage == NULL) storage = (PFNGLTEXSTORAGE2DPROC)find_gl_function("glTexStorage2D");
  GLsizei width = fake.makes_no_objects ? 1 : (GLsizei)found->egl_image.width;
  GLsizei height = fake.makes_no_objects ? 1 : (GLsizei)found->egl_image.height;
  storage(target, 1, internal_format(found->egl_image.fourcc), width, height);
}

// Export.

static uint32_t exported_planes(const known_modifier *known) {
  if (fake.export_planes != 0) return fake.export_planes;
  return known != NULL && known->is.egl_planes != 0 ? known->is.egl_planes : 1;
}

static EGLBoolean EGLAPIENTRY my_eglExportDMABUFImageQueryMESA(
  EGLDisplay display, EGLImageKHR image, int *fourcc, int *count, EGLuint64KHR *modifiers) {
  object *found = find_egl_image(image);
  if (found == NULL) {
    if (fake_is_on) violate("an EGLImage is to be exported that is not there");
    return real_eglExportDMABUFImageQueryMESA(display, image, fourcc, count, modifiers);
  }
  uint32_t planes = exported_planes(find_modifier(fake.export_modifier));
  if (fourcc != NULL) *fourcc = (int)fake.export_fourcc;
  if (count != NULL) *count = (int)planes;
  for (uint32_t i = 0; i < planes && modifiers != NULL; i++) modifiers[i] = fake.export_modifier;
  return EGL_TRUE;
}

static EGLBoolean EGLAPIENTRY my_eglExportDMABUFImageMESA(
  EGLDisplay display, EGLImageKHR image, int *descriptors, EGLint *strides, EGLint *offsets) {
  object *found = find_egl_image(image);
  if (found == NULL) {
    if (fake_is_on) violate("an EGLImage is exported that is not there");
    return real_eglExportDMABUFImageMESA(display, image, descriptors, strides, offsets);
  }
  if (fake.exports == FAKE_DRM_EXPORT_REFUSED) {
    raise_egl_error(EGL_BAD_MATCH);
    return EGL_FALSE;
  }
  const known_modifier *known = find_modifier(fake.export_modifier);
  uint32_t planes = fake.exports == FAKE_DRM_EXPORT_FIRST_PLANE ? 1 : exported_planes(known);
  uint64_t bytes = known != NULL ? known->is.bytes : fake_modifiers[0].is.bytes;
  int first = fake_drm_make_buffer(bytes);
  for (uint32_t i = 0; i < planes; i++) {
    const fake_drm_plane *plane = known != NULL ? &known->planes[i] : &fake_modifiers[0].planes[i];
    strides[i] = (EGLint)plane->stride;
    offsets[i] = (EGLint)plane->offset;
    if (i == 0 || fake.exports == FAKE_DRM_EXPORT_ONE_NUMBER) descriptors[i] = first;
    else if (fake.exports == FAKE_DRM_EXPORT_BUFFERS) descriptors[i] = fake_drm_make_buffer(bytes);
    else descriptors[i] = fcntl(first, F_DUPFD_CLOEXEC, 0);
  }
  if (fake.exports != FAKE_DRM_EXPORT_FAILS_LATE) return EGL_TRUE;
  raise_egl_error(EGL_BAD_ALLOC);
  return EGL_FALSE;
}

#define TAKE_EGL(function, type) \
  if (strcmp(name, #function) == 0) { \
    if (real != NULL) STORE(function, type); \
    return (void *)my_##function; \
  }

void *replace_egl_image(const char *name, void *real) {
  TAKE_EGL(eglCreateImageKHR, PFNEGLCREATEIMAGEKHRPROC)
  TAKE_EGL(eglDestroyImageKHR, PFNEGLDESTROYIMAGEKHRPROC)
  TAKE_EGL(eglExportDMABUFImageQueryMESA, PFNEGLEXPORTDMABUFIMAGEQUERYMESAPROC)
  TAKE_EGL(eglExportDMABUFImageMESA, PFNEGLEXPORTDMABUFIMAGEMESAPROC)
  TAKE_EGL(glEGLImageTargetTexture2DOES, target_texture)
  return NULL;
}
