#include "picture.h"

#include <GLES2/gl2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The functions of OpenGL ES 2.0, which every GL since 2.0 has, with the names of their types.
// clang-format off
#define FUNCTIONS(F) \
  F(PFNGLATTACHSHADERPROC, glAttachShader) F(PFNGLBINDATTRIBLOCATIONPROC, glBindAttribLocation) \
  F(PFNGLBINDBUFFERPROC, glBindBuffer) F(PFNGLBUFFERDATAPROC, glBufferData) F(PFNGLCLEARPROC, glClear) \
  F(PFNGLCLEARCOLORPROC, glClearColor) F(PFNGLCOMPILESHADERPROC, glCompileShader) \
  F(PFNGLCREATEPROGRAMPROC, glCreateProgram) F(PFNGLCREATESHADERPROC, glCreateShader) \
  F(PFNGLDELETEBUFFERSPROC, glDeleteBuffers) F(PFNGLDELETEPROGRAMPROC, glDeleteProgram) \
  F(PFNGLDELETESHADERPROC, glDeleteShader) F(PFNGLDISABLEPROC, glDisable) F(PFNGLDRAWARRAYSPROC, glDrawArrays) \
  F(PFNGLENABLEPROC, glEnable) F(PFNGLENABLEVERTEXATTRIBARRAYPROC, glEnableVertexAttribArray) \
  F(PFNGLGENBUFFERSPROC, glGenBuffers) F(PFNGLGETINTEGERVPROC, glGetIntegerv) \
  F(PFNGLGETPROGRAMIVPROC, glGetProgramiv) F(PFNGLGETSHADERINFOLOGPROC, glGetShaderInfoLog) \
  F(PFNGLGETSTRINGPROC, glGetString) F(PFNGLGETUNIFORMLOCATIONPROC, glGetUniformLocation) \
  F(PFNGLLINKPROGRAMPROC, glLinkProgram) F(PFNGLSCISSORPROC, glScissor) F(PFNGLSHADERSOURCEPROC, glShaderSource) \
  F(PFNGLUNIFORM3FPROC, glUniform3f) F(PFNGLUSEPROGRAMPROC, glUseProgram) \
  F(PFNGLVERTEXATTRIBPOINTERPROC, glVertexAttribPointer) F(PFNGLVIEWPORTPROC, glViewport)
// clang-format on
#define DECLARE(type, name) type name;
static struct { FUNCTIONS(DECLARE) } gl;
// Core profiles draw nothing without a vertex array object.
static void (*gen_vertex_arrays)(GLsizei, GLuint *), (*bind_vertex_array)(GLuint),
  (*delete_vertex_arrays)(GLsizei, const GLuint *);

static GLuint program, buffer, vertex_array;
static GLint frame_location;

#define GL_CONTEXT_PROFILE_MASK 0x9126
#define GL_CONTEXT_CORE_PROFILE_BIT 1

static void end(const char *what, const char *detail) {
  fprintf(stderr, "picture: %s: %s\n", what, detail);
  exit(1);
}

static GLuint compile(GLenum kind, bool core, const char *body) {
  const char *header = !core                      ? ""
                       : kind == GL_VERTEX_SHADER ? "#version 150\n#define attribute in\n"
                                                  : "#version 150\nout vec4 colour;\n#define gl_FragColor colour\n";
  const char *sources[] = {header, body};
  GLuint shader = gl.glCreateShader(kind);
  gl.glShaderSource(shader, 2, sources, NULL);
  gl.glCompileShader(shader);
  char log[1000] = "";
  gl.glGetShaderInfoLog(shader, sizeof log, NULL, log);
  gl.glAttachShader(program, shader);
  gl.glDeleteShader(shader);
  if (strstr(log, "error")) end("the shader", log);
  return shader;
}

void picture_create(picture_get_proc_address get_proc_address) {
#define LOAD(type, name) \
  if (!(gl.name = (type)get_proc_address(#name))) end("the context has no", #name);
  FUNCTIONS(LOAD)
  const char *version = (const char *)gl.glGetString(GL_VERSION);
  bool es = strncmp(version, "OpenGL ES", 9) == 0;
  GLint profile = 0;
  if (!es && atof(version) >= 3.2) gl.glGetIntegerv(GL_CONTEXT_PROFILE_MASK, &profile);
  bool core = profile & GL_CONTEXT_CORE_PROFILE_BIT;

  program = gl.glCreateProgram();
  compile(GL_VERTEX_SHADER, core,
    "attribute vec2 position;\n"
    "void main() { gl_Position = vec4(position, 0.0, 1.0); }\n");
  compile(GL_FRAGMENT_SHADER, core,
    "#ifdef GL_ES\nprecision highp float;\n#endif\n"
    "uniform vec3 frame;\n"  // width, height, number
    "void main() {\n"
    "  vec2 place = gl_FragCoord.xy / frame.xy;\n"
    "  float bar = fract(place.x + 0.5 * place.y - frame.z / 50.0);\n"
    "  gl_FragColor = vec4(place.x, place.y * place.y, bar, 1.0);\n"
    "}\n");
  gl.glBindAttribLocation(program, 0, "position");
  gl.glLinkProgram(program);
  GLint linked = 0;
  gl.glGetProgramiv(program, GL_LINK_STATUS, &linked);
  if (!linked) end("the program", "does not link");
  frame_location = gl.glGetUniformLocation(program, "frame");

  gen_vertex_arrays = NULL;
  if (core) {
    gen_vertex_arrays = (void (*)(GLsizei, GLuint *))get_proc_address("glGenVertexArrays");
    bind_vertex_array = (void (*)(GLuint))get_proc_address("glBindVertexArray");
    delete_vertex_arrays = (void (*)(GLsizei, const GLuint *))get_proc_address("glDeleteVertexArrays");
    gen_vertex_arrays(1, &vertex_array);
    bind_vertex_array(vertex_array);
  }
  static const float triangle[] = {-1, -1, 3, -1, -1, 3};  // covers all of the viewport
  gl.glGenBuffers(1, &buffer);
  gl.glBindBuffer(GL_ARRAY_BUFFER, buffer);
  gl.glBufferData(GL_ARRAY_BUFFER, sizeof triangle, triangle, GL_STATIC_DRAW);
  gl.glEnableVertexAttribArray(0);
  gl.glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, NULL);
  gl.glUseProgram(program);
}

void picture_draw(unsigned number, int width, int height) {
  gl.glViewport(0, 0, width, height);
  gl.glDisable(GL_SCISSOR_TEST);
  gl.glUniform3f(frame_location, (float)width, (float)height, (float)(number % 1000));
  gl.glDrawArrays(GL_TRIANGLES, 0, 3);
  // A red mark that rises at the left edge, so that a test notices exchanged sides, a flipped picture, or exchanged red
  // and blue.
  gl.glEnable(GL_SCISSOR_TEST);
  gl.glScissor(0, (GLint)(number * 3 % (unsigned)(height > 8 ? height - 8 : 1)), width / 5, 8);
  gl.glClearColor(1, 0, 0, 1);
  gl.glClear(GL_COLOR_BUFFER_BIT);
}

void picture_destroy(void) {
  gl.glDeleteProgram(program);
  gl.glDeleteBuffers(1, &buffer);
  if (gen_vertex_arrays) delete_vertex_arrays(1, &vertex_array);
}
