internal import RawImport

/// The drivers of a probe.
enum ProbeSource {
  case opened(SurfacelessContext, VulkanHost)
  case closed(ProbeTarget)
}
