import GLVulkanInterop

/// What a description must be like to be accepted, written down once more and in another way: in arithmetic that cannot
/// overflow, all rules at once.
enum Plausibility {
  private struct Samples {
    let bytes: Double
    let subsampling: Double
  }

  private static let formats: [String: [Samples]] = {
    func plane(_ bytes: Double, _ subsampling: Double = 1) -> Samples {
      Samples(bytes: bytes, subsampling: subsampling)
    }
    return [
      "R8  ": [plane(1)], "GR88": [plane(2)], "R16 ": [plane(2)], "GR32": [plane(4)], "AB24": [plane(4)],
      "AR24": [plane(4)], "XB24": [plane(4)], "XR24": [plane(4)], "AB30": [plane(4)], "XB30": [plane(4)],
      "AB4H": [plane(8)],
      "XB4H": [plane(8)],
      "NV12": [plane(1), plane(2, 2)], "P010": [plane(2), plane(4, 2)], "YU12": [plane(1), plane(1, 2), plane(1, 2)],
    ]
  }()

  static func accepts(_ description: DMABufDescription, _ objects: [DMABufObject]) -> Bool {
    let (width, height) = (Double(description.size.width), Double(description.size.height))
    guard let samples = formats[description.format.description] else { return false }
    let isLinear = [0, 0x00FF_FFFF_FFFF_FFFF].contains(description.modifier.rawValue)
    let planes = description.planes
    let used = Set(planes.map(\.object))
    return width >= 1 && width <= 1_048_576 && height >= 1 && height <= 1_048_576
      && planes.count >= samples.count && planes.count <= (isLinear ? samples.count : 4)
      && objects.allSatisfy(\.isDMABuf) && Set(objects.map(\.inode)).count == objects.count
      && used == Set(objects.indices)
      && zip(planes.indices, planes).allSatisfy { index, plane in
        let bytes = Double(objects[plane.object].size)
        let (offset, stride) = (Double(plane.offset), Double(plane.stride))
        guard offset < 2_147_483_648, stride < 2_147_483_648, offset < bytes else { return false }
        guard isLinear, index < samples.count else { return true }
        let columns = (width / samples[index].subsampling).rounded(.up)
        let rows = (height / samples[index].subsampling).rounded(.up)
        let row = columns * samples[index].bytes
        return stride >= row && offset + stride * (rows - 1) + row <= bytes
      }
  }
}
