internal import RawImport

/// What is tried.
enum ProbeSource {
  case opened(SurfacelessContext, VulkanHost)
  case closed(ProbeTarget)
}
