// A multi-planar image to RGBA: the sampler's VkSamplerYcbcrConversion converts. compile-shaders.sh makes words of it, once
// for every storage format (TARGET).
#version 450

layout(local_size_x = 8, local_size_y = 8) in;

layout(set = 0, binding = 0) uniform sampler2D image;
layout(set = 0, binding = 3, TARGET) uniform writeonly image2D target;

// YUVPushConstants, of which little is needed here.
layout(push_constant) uniform Constants {
  layout(offset = 48) ivec2 size;
  layout(offset = 80) int isLinear;
};

void main() {
  ivec2 pixel = ivec2(gl_GlobalInvocationID.xy);
  if (any(greaterThanEqual(pixel, size))) return;
  // In the middle of a pixel the chroma samples on its two sides may be equally near (cosited, Vulkan 1.3, 16.5.1), and the
  // nearest one is a matter of luck. A quarter into it, the nearest is that of the pixel's own block, whatever the siting.
  float place = isLinear != 0 ? 0.5 : 0.25;
  vec3 rgb = textureLod(image, (vec2(pixel) + place) / vec2(size), 0.0).rgb;
  imageStore(target, pixel, vec4(clamp(rgb, 0.0, 1.0), 1.0));
}
