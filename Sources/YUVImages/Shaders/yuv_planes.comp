// One image per plane to RGBA, in the library's own arithmetic. compile-shaders.sh makes words of it, once for every
// storage format (TARGET).
#version 450
#extension GL_EXT_samplerless_texture_functions : require

layout(local_size_x = 8, local_size_y = 8) in;

layout(set = 0, binding = 0) uniform texture2D luma;
// The second is the first again where both differences lie in one plane.
layout(set = 0, binding = 1) uniform texture2D blueDifference;
layout(set = 0, binding = 2) uniform texture2D redDifference;
layout(set = 0, binding = 3, TARGET) uniform writeonly image2D target;

// YUVPushConstants.
layout(push_constant) uniform Constants {
  vec4 red;
  vec4 green;
  vec4 blue;
  ivec2 size;
  ivec2 chromaSize;
  // Where luma sample 0 is among the chroma samples, negated.
  vec2 siting;
  // What reads as 1, and how many of it are one code.
  float largestWord;
  float wordsPerCode;
  // Chroma is interpolated.
  int isLinear;
  // Red difference is in green.
  int isInterleaved;
};

// Words are whole numbers, so that the padding below a code can be cut off. The half hides what the division by 65535 left.
vec2 codes(vec2 texels) { return floor((texels * largestWord + 0.5) / wordsPerCode); }

vec2 chroma(ivec2 at) {
  at = clamp(at, ivec2(0), chromaSize - 1);
  vec4 blueTexel = texelFetch(blueDifference, at, 0);
  vec4 redTexel = texelFetch(redDifference, at, 0);
  return codes(vec2(blueTexel.r, isInterleaved != 0 ? redTexel.g : redTexel.r));
}

void main() {
  ivec2 pixel = ivec2(gl_GlobalInvocationID.xy);
  if (any(greaterThanEqual(pixel, size))) return;
  vec2 difference;
  if (isLinear != 0) {
    vec2 place = vec2(pixel) * 0.5 - siting;
    ivec2 first = ivec2(floor(place));
    vec2 weight = place - floor(place);
    difference = mix(
      mix(chroma(first), chroma(first + ivec2(1, 0)), weight.x),
      mix(chroma(first + ivec2(0, 1)), chroma(first + ivec2(1, 1)), weight.x), weight.y);
  } else {
    difference = chroma(pixel / 2);
  }
  vec4 code = vec4(codes(texelFetch(luma, pixel, 0).rr).x, difference, 1.0);
  vec3 rgb = vec3(dot(red, code), dot(green, code), dot(blue, code));
  imageStore(target, pixel, vec4(clamp(rgb, 0.0, 1.0), 1.0));
}
