// By the macros of the header that defines them, which Swift does not import.
#include "FakeDRMDriver.h"

#include <libdrm/drm_fourcc.h>

const uint64_t fake_drm_intel_y_tiled_ccs = I915_FORMAT_MOD_Y_TILED_CCS;
const uint64_t fake_drm_intel_gen12_rc_ccs = I915_FORMAT_MOD_Y_TILED_GEN12_RC_CCS;
const uint64_t fake_drm_intel_gen12_rc_ccs_cc = I915_FORMAT_MOD_Y_TILED_GEN12_RC_CCS_CC;
const uint64_t fake_drm_intel_dg2_rc_ccs = I915_FORMAT_MOD_4_TILED_DG2_RC_CCS;
const uint64_t fake_drm_intel_dg2_rc_ccs_cc = I915_FORMAT_MOD_4_TILED_DG2_RC_CCS_CC;

// As amdgpu makes them for Navi 21 (amdgpu_dm_plane_add_gfx10_3_modifiers): 4 pipes, 4 packers.
#define GFX10_3 \
  (AMD_FMT_MOD | AMD_FMT_MOD_SET(TILE, AMD_FMT_MOD_TILE_GFX9_64K_R_X) | \
    AMD_FMT_MOD_SET(TILE_VERSION, AMD_FMT_MOD_TILE_VER_GFX10_RBPLUS) | AMD_FMT_MOD_SET(PIPE_XOR_BITS, 4) | \
    AMD_FMT_MOD_SET(PACKERS, 4) | AMD_FMT_MOD_SET(DCC, 1) | AMD_FMT_MOD_SET(DCC_CONSTANT_ENCODE, 1) | \
    AMD_FMT_MOD_SET(DCC_INDEPENDENT_64B, 1) | AMD_FMT_MOD_SET(DCC_INDEPENDENT_128B, 1) | \
    AMD_FMT_MOD_SET(DCC_MAX_COMPRESSED_BLOCK, AMD_FMT_MOD_DCC_BLOCK_128B))
const uint64_t fake_drm_amd_dcc = GFX10_3 | AMD_FMT_MOD_SET(DCC_PIPE_ALIGN, 1);
const uint64_t fake_drm_amd_dcc_retile = GFX10_3 | AMD_FMT_MOD_SET(DCC_RETILE, 1);

// 0x300000000e08014, what eglExportDMABUFImageQueryMESA says on an H200 (driver 580.159): blocks of 16 GOBs.
const uint64_t fake_drm_nvidia_block_linear = DRM_FORMAT_MOD_NVIDIA_BLOCK_LINEAR_2D(1, 1, 2, 0x08, 4);
const uint64_t fake_drm_arm_afbc =
  DRM_FORMAT_MOD_ARM_AFBC(AFBC_FORMAT_MOD_BLOCK_SIZE_16x16 | AFBC_FORMAT_MOD_SPARSE | AFBC_FORMAT_MOD_YTR);
