public import CInterface
internal import Capability
internal import InteropDrivers
internal import FoundationEssentials
internal import RawImport

extension glvk_matrix: Handle { typealias Object = MatrixObject }

/// The object behind a `glvk_matrix`, with the strings and arrays that C reads of it.
final class MatrixObject: HandleObject {
  static let kind = HandleKind.matrix
  let matrix: CapabilityMatrix

  /// The strings and modifier arrays that C has received, each once.
  private struct Given {
    var strings: [String: CString] = [:]
    var modifiers: [[UInt64]: UnsafeMutableBufferPointer<UInt64>] = [:]
  }
  private let given = Mutex(Given())

  init(_ matrix: CapabilityMatrix) { self.matrix = matrix }

  deinit {
    given.withLock { given in
      for buffer in given.modifiers.values { buffer.deallocate() }
    }
  }

  func string(_ text: String?) -> UnsafePointer<CChar> {
    given.withLock { given in
      let text = text ?? ""
      if let known = given.strings[text] { return known.pointer }
      let made = CString(text)
      given.strings[text] = made
      return made.pointer
    }
  }

  func list(_ modifiers: [UInt64]) -> UnsafePointer<UInt64>? {
    guard !modifiers.isEmpty else { return nil }
    return given.withLock { given in
      if let known = given.modifiers[modifiers] { return UnsafePointer(known.baseAddress) }
      let made = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: modifiers.count)
      _ = made.initialize(fromContentsOf: modifiers)
      given.modifiers[modifiers] = made
      return UnsafePointer(made.baseAddress)
    }
  }
}

extension ProbeOptions {
  fileprivate init(c given: glvk_probe_options) throws(InteropError) {
    self.init()
    isolation = try .init(c: given.isolation)
    timing = try .init(c: given.timing)
    let paths = try array(given.paths, given.path_count, "paths")
    if !paths.isEmpty { self.paths = try each(paths, Numbers.path) }
    let formats = try array(given.formats, given.format_count, "formats")
    if !formats.isEmpty { self.formats = try each(formats, Numbers.format) }
    if let size = try PixelSize.optional(c: given.width, given.height) {
      guard size.width <= 1 << 15, size.height <= 1 << 15 else {
        throw invalidArgument("check the size", "it is \(size), more than \(1 << 15) pixels a side")
      }
      sizes = [size]
    }
    tries = given.only_lists == 0
    usesCache = given.ignores_cache == 0
    if given.timeout_ns != 0 { timeout = Duration(nanoseconds: given.timeout_ns) }
    if let ranking = given.ranking { self.ranking = try PathRanking(String(cString: ranking)) }
  }
}

/// The words of an array of numbers, none of which may be 0.
private func each<Word>(_ numbers: [Int32], _ numbering: Numbering<Word>) throws(InteropError) -> [Word] {
  var words: [Word] = []
  for number in numbers {
    guard let word = try numbering.optional(number) else { throw unknown(numbering.name, number) }
    words.append(word)
  }
  return words
}

@c @implementation
public func glvk_matrix_probe(
  _ options: UnsafePointer<glvk_probe_options>!, _ out: UnsafeMutablePointer<glvk_matrix>!
) -> glvk_result {
  make(out) {
    let given = try SizedStruct.read(options, "options") ?? glvk_probe_options()
    let options = try ProbeOptions(c: given)
    let step = "probe"
    switch (try given.context.optional(), try given.host.optional()) {
    case (nil, nil):
      let surfaceless = try SizedStruct.read(given.surfaceless, "surfaceless") ?? glvk_surfaceless_options()
      return MatrixObject(
        CapabilityProbe(
          platform: try .init(c: surfaceless), api: surfaceless.gles != 0 ? .openGLES : .openGL, options: options
        ).run())
    case (let context?, let host?):
      let owned = try context.owned(step)
      try context.checkCurrent(step)
      return MatrixObject(CapabilityProbe(gl: owned, vulkan: host.host, options: options).run())
    default: throw invalidArgument(step, "context and host belong together, and one is 0")
    }
  }
}

@c @implementation
public func glvk_matrix_get_json(
  _ matrix: glvk_matrix, _ buffer: UnsafeMutablePointer<CChar>!, _ capacity: Int, _ size: UnsafeMutablePointer<Int>!
) -> glvk_result {
  report {
    let matrix = try matrix.object().matrix
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try put([UInt8](encoder.encode(matrix)).map { CChar(bitPattern: $0) } + [0], buffer, capacity, size, "buffer")
  }
}

@c @implementation
public func glvk_matrix_cell_count(_ matrix: glvk_matrix, _ count: UnsafeMutablePointer<Int>!) -> glvk_result {
  report {
    let matrix = try matrix.object().matrix
    try required(count, "count").pointee = matrix.cells.count
  }
}

@c @implementation
public func glvk_matrix_get_cell(
  _ matrix: glvk_matrix, _ index: Int, _ out: UnsafeMutablePointer<glvk_cell>!
) -> glvk_result {
  report {
    let object = try matrix.object()
    let out = try SizedStruct.checkOut(out, "out")
    let cells = object.matrix.cells
    guard cells.indices.contains(index) else {
      throw invalidArgument(
        "check index", "there are \(cells.count) cells, and the index is \(UInt(bitPattern: index))")
    }
    let cell = cells[index]
    let configuration = cell.configuration
    var result = glvk_cell()
    result.path = Numbers.path.number(configuration.path)
    result.direction = cell.direction.number
    result.mode = Numbers.mode.number(configuration.mode)
    result.format = Numbers.format.number(cell.format)
    result.tiling = Numbers.tiling.number(configuration.tiling)
    result.sync = Numbers.sync.number(configuration.sync)
    result.width = UInt32(clamping: cell.size.width)
    result.height = UInt32(clamping: cell.size.height)
    result.modifier = (cell.modifier ?? .invalid).rawValue
    result.verdict = Numbers.verdict.number(cell.verdict)
    result.queue_family = cell.queueFamily ?? .max
    result.transfer_p50_us = cell.transferMicroseconds?.p50 ?? -1
    result.transfer_p99_us = cell.transferMicroseconds?.p99 ?? -1
    result.code = object.string(cell.code)
    result.step = object.string(cell.step)
    result.reason = object.string(cell.reason)
    result.missing = object.string(cell.missing.joined(separator: ", "))
    SizedStruct.write(result, to: out)
  }
}

@c @implementation
public func glvk_matrix_best_path(
  _ matrix: glvk_matrix, _ requirements: UnsafePointer<glvk_requirements>!, _ out: UnsafeMutablePointer<glvk_choice>!
) -> glvk_result {
  report {
    let object = try matrix.object()
    let out = try SizedStruct.checkOut(out, "out")
    var choice = object.matrix.choice
    var rejections: [String] = []
    if let given = try SizedStruct.read(requirements, "requirements") {
      let formats = try array(given.formats, given.format_count, "formats")
      var wanted = CapabilityMatrix.Requirements(
        direction: try TransferDirection(c: given.direction),
        formats: formats.isEmpty ? [.rgba8] : try each(formats, Numbers.format),
        needsGPUWait: given.needs_gpu_wait != 0,
        crossesProcesses: given.crosses_processes != 0)
      if let ranking = given.ranking { wanted.ranking = try PathRanking(String(cString: ranking)) }
      choice = object.matrix.bestPath(for: wanted)
      if choice == nil { rejections = object.matrix.rejections(for: wanted) }
    }
    guard let choice else {
      throw InteropError(
        .notAvailable, step: "choose the path", reason: "no way was seen to do what is required",
        advice: rejections.isEmpty ? nil : rejections.joined(separator: "; "))
    }
    let configuration = choice.configuration
    var result = glvk_choice()
    result.path = Numbers.path.number(configuration.path)
    result.sync = Numbers.sync.number(configuration.sync)
    result.mode = Numbers.mode.number(configuration.mode)
    result.tiling = Numbers.tiling.number(configuration.tiling)
    result.queue_family = choice.queueFamily
    result.transfer_p50_us = choice.transferMicroseconds?.p50 ?? -1
    result.transfer_p99_us = choice.transferMicroseconds?.p99 ?? -1
    let modifiers = choice.modifiers.map(\.rawValue)
    result.modifier_count = UInt32(modifiers.count)
    result.modifiers = object.list(modifiers)
    result.reason = object.string(choice.reason)
    SizedStruct.write(result, to: out)
  }
}

@c @implementation
public func glvk_matrix_destroy(_ matrix: glvk_matrix) -> glvk_result { report { try matrix.remove() } }
