internal import RawImport

/// The combinations that a probe looks at, in the order of the table.
enum ProbePlan {
  /// - Parameter modifiers: the modifiers that both sides have, by pixel format.
  static func keys(
    _ options: ProbeOptions, modifiers: [String: [DRMModifier]] = [:]
  ) -> [CellKey] {
    // rgba8, or without it the first format, is tried with every modifier.
    let closest = options.formats.contains(.rgba8) ? PixelFormat.rgba8 : options.formats.first
    func tried(_ format: PixelFormat) -> [DRMModifier?] {
      let found = CommonModifiers.tried(modifiers[format.name] ?? [], all: format == closest)
      // Without a modifier, one cell gives the reason.
      return found.isEmpty ? [nil] : found
    }
    return options.sizes.flatMap { size in
      options.paths.flatMap { path in keys(path, size, options, path == .dmaBufImport ? tried : { _ in [nil] }) }
    }
  }

  private static func keys(
    _ path: TransferPath, _ size: PixelSize, _ options: ProbeOptions, _ modifiers: (PixelFormat) -> [DRMModifier?]
  ) -> [CellKey] {
    // host-copy sends GL's frames into an image that belongs to Vulkan alone, so its layout and wait are fixed.
    let copies = path == .hostCopy
    let directions = copies ? [.glToVulkan] : TransferDirection.allCases
    // A modifier of one format may be missing for another: the modifiers are in the order in which the formats name
    // them.
    var layouts: [DRMModifier?] = []
    for modifier in options.formats.flatMap(modifiers) where !layouts.contains(modifier) { layouts.append(modifier) }
    var keys: [CellKey] = []
    for direction in directions where options.directions.contains(direction) {
      for mode in copies ? [TransferMode.direct] : TransferMode.allCases {
        for sync in copies ? [SyncKind.cpuWait] : SyncKind.allCases {
          for tiling in path.tilings {
            for modifier in layouts {
              for format in options.formats where modifiers(format).contains(modifier) {
                keys.append(
                  CellKey(
                    configuration: TransferConfiguration(path: path, mode: mode, sync: sync, tiling: tiling),
                    direction: direction, format: format, modifier: modifier, size: size))
              }
            }
          }
        }
      }
    }
    return keys
  }
}
