#version 450
// Each pixel of the framebuffer is the pixel of the image at the same place: framebuffer and image have one size.
layout(set = 0, binding = 0) uniform sampler2D image;
layout(location = 0) in vec2 position;
layout(location = 0) out vec4 color;

void main() { color = texture(image, position); }
