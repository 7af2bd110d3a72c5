internal import RawImport

/// Which combinations a probe looks at, in the order of the table.
enum ProbePlan {
  static func keys(_ options: CapabilityProbe.Options) -> [CapabilityMatrix.Key] {
    options.sizes.flatMap { size in options.paths.flatMap { path in keys(path, size, options) } }
  }

  private static func keys(
    _ path: TransferPath, _ size: PixelSize, _ options: CapabilityProbe.Options
  ) -> [CapabilityMatrix.Key] {
    // host-copy: GL's frames into an image of Vulkan's own, whose layout and waiting are nobody's choice.
    let copies = path == .hostCopy
    let directions = copies ? [.glToVulkan] : TransferDirection.allCases
    var keys: [CapabilityMatrix.Key] = []
    for direction in directions where options.directions.contains(direction) {
      for mode in copies ? [TransferMode.direct] : TransferMode.allCases {
        for sync in copies ? [SyncKind.cpuWait] : SyncKind.allCases {
          for tiling in copies ? [ImageTiling.optimal] : ImageTiling.allCases {
            for format in options.formats {
              keys.append(
                .init(
                  path: path.rawValue, direction: direction, mode: mode, pixelFormat: format.name, tiling: tiling,
                  sync: sync, size: size.description))
            }
          }
        }
      }
    }
    return keys
  }
}
