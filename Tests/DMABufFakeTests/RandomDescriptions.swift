import GLVulkanInterop
import InteropTestSupport

/// Descriptions at random: right ones of known layouts, most with one or two numbers changed to something near a limit.
enum RandomDescriptions {
  /// The buffers there are.
  struct Pool {
    let numbers: [Int32]
    let objects: [DMABufObject]

    init(_ numbers: [Int32]) throws(InteropError) {
      self.numbers = numbers
      var objects: [DMABufObject] = []
      for number in numbers { objects.append(try DMABuf.inspect(number)) }
      self.objects = objects
    }

    init(objects: [DMABufObject]) {
      numbers = []
      self.objects = objects
    }
  }

  private static let formats: [DRMFourCC] =
    DRMFourCC.known + [
      .abgr8888, .abgr8888, .abgr8888, .argb8888, DRMFourCC(rawValue: 0x12), DRMFourCC(rawValue: .max),
    ]
  private static let layouts = PropertyTests.layouts
  private static let limits: [UInt64] = [
    0, 1, 2, 63, 64, 4095, 4096, 4097, 65535, 65536, 1 << 20, 1 << 24, UInt64(Int32.max) - 1, UInt64(Int32.max),
    1 << 31,
    1 << 32, (1 << 33) - 1, 1 << 33, 1 << 62, UInt64(Int64.max), .max - 1, .max,
  ]

  /// - Returns: a description and which of the pool's buffers go with it.
  static func description(_ pool: Pool, _ random: inout SplitMix64) -> (DMABufDescription, [Int]) {
    let size = PixelSize(width: 1 + Int(random.below(80)), height: 1 + Int(random.below(80)))
    let isPlain = random.below(3) == 0
    let layout = random.element(layouts)
    var description = layout.description(size)
    if isPlain { description = plain(size, &random) }
    var objects = [Int(random.below(UInt64(pool.objects.count)))]
    // Mostly one that is large enough.
    if random.below(8) != 0 { objects[0] = pool.objects.count - 1 - Int(random.below(3)) }
    if random.below(4) == 0, description.planes.count > 1 { spread(&description, &objects, pool, &random) }
    let changes = [0, 0, 1, 1, 1, 2, 3][Int(random.below(7))]
    for _ in 0..<changes { change(&description, &objects, pool, &random) }
    return (description, objects)
  }

  /// Without tiles.
  private static func plain(_ size: PixelSize, _ random: inout SplitMix64) -> DMABufDescription {
    let format = random.element(formats)
    let modifier: DRMModifier = random.below(3) == 0 ? .invalid : .linear
    let planes = [DRMFourCC.nv12, .p010].contains(format) ? 2 : format == .yuv420 ? 3 : 1
    let stride = UInt64(size.width * 8) + random.below(65)
    let bytes = stride * UInt64(size.height)
    return DMABufDescription(
      size: size, format: format, modifier: modifier,
      planes: (0..<planes).map { .init(offset: UInt64($0) * bytes, stride: stride) })
  }

  private static func spread(
    _ description: inout DMABufDescription, _ objects: inout [Int], _ pool: Pool, _ random: inout SplitMix64
  ) {
    let other = Int(random.below(UInt64(pool.objects.count)))
    guard other != objects[0] || random.below(8) == 0 else { return }
    objects.append(other)
    let last = description.planes.count - 1
    description.planes[last].object = 1
    description.planes[last].offset = 0
  }

  private static func change(
    _ description: inout DMABufDescription, _ objects: inout [Int], _ pool: Pool, _ random: inout SplitMix64
  ) {
    let near = random.element(limits) &+ random.below(3) &- 1
    let plane = description.planes.isEmpty ? 0 : Int(random.below(UInt64(description.planes.count)))
    switch random.below(11) {
    case 0: description.size.width = Int(truncatingIfNeeded: near)
    case 1: description.size.height = Int(truncatingIfNeeded: near)
    case 2: description.format = random.element(formats)
    case 3: description.modifier = random.element(layouts).modifier
    case 4: description.modifier = DRMModifier(rawValue: near)
    case 5 where !description.planes.isEmpty: description.planes[plane].offset = near
    case 6 where !description.planes.isEmpty: description.planes[plane].stride = near
    case 7 where !description.planes.isEmpty: description.planes[plane].object = Int(truncatingIfNeeded: near)
    case 8: description.planes.append(.init(offset: random.below(8192), stride: near))
    case 9 where !description.planes.isEmpty: description.planes.remove(at: plane)
    default: objects.append(Int(random.below(UInt64(pool.objects.count))))
    }
  }

  /// Bytes of a text changed, left out or doubled; numbers made larger.
  static func mutate(_ text: inout [UInt8], _ random: inout SplitMix64) {
    for _ in 0...random.below(2) where !text.isEmpty {
      let at = Int(random.below(UInt64(text.count)))
      switch random.below(6) {
      case 0: text[at] = UInt8(truncatingIfNeeded: random.next())
      case 1: text.remove(at: at)
      case 2: text.insert(random.element(Array("0123456789-+.eE\"{}[],:x ".utf8)), at: at)
      case 3: if text[at] >= 0x30, text[at] <= 0x39 { text[at] = 0x30 + UInt8(random.below(10)) }
      case 4:
        if text[at] >= 0x30, text[at] <= 0x39 {
          text.insert(contentsOf: Array("\(random.element(limits))".utf8), at: at)
        }
      default: text.insert(contentsOf: text[at..<min(at + 9, text.count)], at: at)
      }
    }
  }
}
