import CFakeDRMDriver

/// The descriptors with which a driver exports several planes.
enum ExportedPlanes: CaseIterable {
  /// Each plane's own, of one buffer.
  case oneBuffer
  /// One number for all.
  case oneNumber
  /// A buffer for each.
  case buffers

  var mode: fake_drm_export {
    switch self {
    case .oneBuffer: FAKE_DRM_EXPORT_ONE_BUFFER
    case .oneNumber: FAKE_DRM_EXPORT_ONE_NUMBER
    case .buffers: FAKE_DRM_EXPORT_BUFFERS
    }
  }
}
