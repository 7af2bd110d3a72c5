package import RawImport

extension TransferPath {
  /// What its images may have.
  package var tilings: [ImageTiling] {
    switch self {
    case .opaqueFD: ImageTiling.ofOpaqueFD
    case .dmaBufImport, .dmaBufExport: [.drmModifier]
    default: [.optimal]
    }
  }

  /// What its images may be ordered by, the one that costs least first.
  package var syncs: [SyncKind] {
    self == .hostCopy ? [.cpuWait] : [.timelineSemaphore, .semaphoreFD, .syncFile, .cpuWait]
  }

  /// Who makes the memory, of a DMA-BUF; nil for other paths.
  package var dmaBufAllocator: SharedMemoryAllocator? {
    switch self {
    case .dmaBufImport: .vulkan
    case .dmaBufExport: .gl
    default: nil
    }
  }
}
