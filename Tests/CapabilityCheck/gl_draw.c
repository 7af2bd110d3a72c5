#include <stdlib.h>

#include "gl.h"

// --- The shader copy
// ---------------------------------------------------------------------------------------------------

static const char *const header_core = "#version 330 core\n";
static const char *const header_es = "#version 300 es\nprecision highp float;\nprecision highp int;\n";

// One triangle that covers the viewport.
static const char *const vertex_source =
  "void main() {\n"
  "  gl_Position = vec4(float(gl_VertexID & 1) * 4.0 - 1.0, float(gl_VertexID >> 1) * 4.0 - 1.0, 0.0, 1.0);\n"
  "}\n";

static const char *const fragment_source =
  "uniform highp sampler2D source;\n"
  "uniform int flip, exchange;\n"
  "out vec4 colour;\n"
  "void main() {\n"
  "  ivec2 place = ivec2(gl_FragCoord.xy);\n"
  "  if (flip != 0) place.y = textureSize(source, 0).y - 1 - place.y;\n"
  "  vec4 texel = texelFetch(source, place, 0);\n"
  "  colour = exchange != 0 ? texel.bgra : texel;\n"
  "}\n";

bool gl_draw_open(GL *gl, Result *result) {
  gl->program = gl->CreateProgram();
  for (int i = 0; i < 2; i++) {
    const char *text[2] = {gl->is_es ? header_es : header_core, i ? fragment_source : vertex_source};
    GLuint shader = gl->CreateShader(i ? GL_FRAGMENT_SHADER : GL_VERTEX_SHADER);
    gl->ShaderSource(shader, 2, text, NULL);
    gl->CompileShader(shader);
    gl->AttachShader(gl->program, shader);
    gl->DeleteShader(shader);
  }
  gl->LinkProgram(gl->program);
  GLint linked = 0;
  gl->GetProgramiv(gl->program, GL_LINK_STATUS, &linked);
  if (!linked) return failed(result, "GL does not compile the shader");
  gl->flip_uniform = gl->GetUniformLocation(gl->program, "flip");
  gl->exchange_uniform = gl->GetUniformLocation(gl->program, "exchange");
  gl->GenVertexArrays(1, &gl->vertex_array);
  gl->BindVertexArray(gl->vertex_array);
  gl->UseProgram(gl->program);
  gl->Disable(GL_DITHER);
  gl->PixelStorei(GL_PACK_ALIGNMENT, 1);
  return gl_succeeded(gl, "preparing GL", result);
}

// --- Targets
// -----------------------------------------------------------------------------------------------------------

static void upload_format(GLenum sized, GLenum *format, GLenum *type) {
  *format = sized == GL_R8 ? GL_RED : sized == GL_RG8 ? GL_RG : GL_RGBA;
  *type = sized == GL_RGB10_A2  ? GL_UNSIGNED_INT_2_10_10_10_REV
          : sized == GL_RGBA16F ? GL_HALF_FLOAT
                                : GL_UNSIGNED_BYTE;
}

GLenum gl_target_attach(const GL *gl, GLTarget *target) {
  gl->GenFramebuffers(1, &target->framebuffer);
  gl->BindFramebuffer(GL_FRAMEBUFFER, target->framebuffer);
  gl->FramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, target->texture, 0);
  return gl->CheckFramebufferStatus(GL_FRAMEBUFFER);
}

bool gl_target_create(const GL *gl, const Format *format, Size size, GLTarget *target, Result *result) {
  GLenum upload, type;
  upload_format(format->gl, &upload, &type);
  gl->GenTextures(1, &target->texture);
  gl->BindTexture(GL_TEXTURE_2D, target->texture);
  gl->TexImage2D(GL_TEXTURE_2D, 0, (GLint)format->gl, size.width, size.height, 0, upload, type, NULL);
  gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
  gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
  gl->TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
  GLenum error = gl_take_error(gl);
  if (error != GL_NO_ERROR) return unsupported(result, "a texture of GL's own: %s", gl_name(error));
  GLenum status = gl_target_attach(gl, target);
  if (status != GL_FRAMEBUFFER_COMPLETE)
    return unsupported(result, "GL cannot draw to a texture of its own in this format: %s", gl_name(status));
  return gl_succeeded(gl, "a framebuffer of GL's own", result);
}

void gl_target_destroy(const GL *gl, GLTarget *target) {
  if (target->framebuffer) gl->DeleteFramebuffers(1, &target->framebuffer);
  if (target->texture) gl->DeleteTextures(1, &target->texture);
  *target = (GLTarget){0, 0};
}

// --- Drawing, copying, reading
// -----------------------------------------------------------------------------------------

void gl_draw_pattern(const GL *gl, const Format *format, Size size, int frame, const GLTarget *target) {
  gl->BindFramebuffer(GL_FRAMEBUFFER, target->framebuffer);
  gl->Enable(GL_SCISSOR_TEST);
  Grid grid = pattern_grid(size);
  for (int row = 0; row < grid.rows; row++) {
    for (int column = 0; column < grid.columns; column++) {
      Block block = pattern_block(format, size, frame, column, row);
      GLfloat colour[4] = {0, 0, 0, 1};
      for (int c = 0; c < format->channels; c++) colour[c] = format_value(format, c, block.pixel.steps[c]);
      gl->Scissor(block.x, block.y, block.width, block.height);
      gl->ClearBufferfv(GL_COLOR, 0, colour);
    }
  }
  gl->Disable(GL_SCISSOR_TEST);  // blits obey it
}

void gl_clear(const GL *gl, Size size, const GLTarget *target) {
  const GLfloat nothing[4] = {0, 0, 0, 0};
  gl->BindFramebuffer(GL_FRAMEBUFFER, target->framebuffer);
  gl->Viewport(0, 0, size.width, size.height);
  gl->ClearBufferfv(GL_COLOR, 0, nothing);
}

void gl_copy_by_blit(const GL *gl, Size size, const GLTarget *from, const GLTarget *to, bool flip) {
  int width = size.width, height = size.height;
  gl->BindFramebuffer(GL_READ_FRAMEBUFFER, from->framebuffer);
  gl->BindFramebuffer(GL_DRAW_FRAMEBUFFER, to->framebuffer);
  gl->BlitFramebuffer(
    0, 0, width, height, 0, flip ? height : 0, width, flip ? 0 : height, GL_COLOR_BUFFER_BIT, GL_NEAREST);
}

void gl_copy_by_shader(const GL *gl, Size size, const GLTarget *from, const GLTarget *to, bool flip, bool exchange) {
  gl->BindFramebuffer(GL_FRAMEBUFFER, to->framebuffer);
  gl->BindTexture(GL_TEXTURE_2D, from->texture);
  gl->Viewport(0, 0, size.width, size.height);
  gl->Uniform1i(gl->flip_uniform, flip);
  gl->Uniform1i(gl->exchange_uniform, exchange);
  gl->DrawArrays(GL_TRIANGLES, 0, 3);
}

// The formats and types are those that ES 3 promises for each kind of framebuffer: no GL_RED, no GL_HALF_FLOAT.
bool gl_read(const GL *gl, const Format *format, Size size, const GLTarget *from, Pixel *pixels, Result *result) {
  size_t count = (size_t)size.width * (size_t)size.height;
  uint32_t *words = calloc(count, 16);
  if (!words) return failed(result, "no memory");
  GLenum type = format->encoding == ENCODING_UNORM8    ? GL_UNSIGNED_BYTE
                : format->encoding == ENCODING_RGB10A2 ? GL_UNSIGNED_INT_2_10_10_10_REV
                                                       : GL_FLOAT;
  gl->BindFramebuffer(GL_READ_FRAMEBUFFER, from->framebuffer);
  gl->ReadPixels(0, 0, size.width, size.height, GL_RGBA, type, words);
  bool ok = gl_succeeded(gl, "glReadPixels", result);
  const uint8_t *bytes = (const uint8_t *)words;
  const float *floats = (const float *)words;
  for (size_t i = 0; ok && i < count; i++) {
    if (format->encoding == ENCODING_RGB10A2) {
      pixels[i] = format_unpack_rgb10a2(words[i]);
      continue;
    }
    pixels[i] = (Pixel){{0}};
    for (int c = 0; c < format->channels; c++)
      pixels[i].steps[c] =
        format->encoding == ENCODING_HALF ? half_steps(floats[4 * i + (size_t)c]) : bytes[4 * i + (size_t)c];
  }
  free(words);
  return ok;
}
