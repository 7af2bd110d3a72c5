internal import InteropDrivers

/// The kind of object behind a C handle.
enum HandleKind: UInt8, Sendable {
  case context = 1
  case host, image, blitter, dmaBuf, dmaBufImage, dmaBufTexture, producer, frame, frameQueue, matrix, consumer, target,
    glFrame,
    glFrameQueue, externalImage, webGPU

  var name: String {
    switch self {
    case .context: "context"
    case .host: "host"
    case .image: "image"
    case .blitter: "blitter"
    case .dmaBuf: "DMA-BUF"
    case .dmaBufImage: "DMA-BUF image"
    case .dmaBufTexture: "DMA-BUF texture"
    case .producer: "producer"
    case .frame: "frame"
    case .frameQueue: "frame queue"
    case .matrix: "matrix"
    case .consumer: "consumer"
    case .target: "target"
    case .glFrame: "GL frame"
    case .glFrameQueue: "GL frame queue"
    case .externalImage: "external image"
    case .webGPU: "WebGPU"
    }
  }
}

/// An object that C code refers to by a number.
protocol HandleObject: AnyObject, Sendable {
  static var kind: HandleKind { get }
}

/// The objects behind the handles. A handle is 8 bits of kind, 32 of generation and 24 of index. The table refuses
/// every number except those that it gave out for an object which still exists.
///
/// Any thread may use it. An object that one thread uses while another destroys its handle lives until that use ends.
final class HandleTable: Sendable {
  static let shared = HandleTable()

  private struct Entry {
    var generation: UInt32 = 0
    var object: (any HandleObject)?
  }

  private struct Storage {
    var entries: [Entry] = []
    var free: [Int] = []
    var count = 0
  }

  private let storage = Mutex(Storage())
  private static let indexBits: UInt64 = 24

  var count: Int { storage.withLock { $0.count } }

  /// - Throws: ``InteropError/Code/invalidState`` if 16 million objects exist.
  func insert<Object: HandleObject>(_ object: Object) throws(InteropError) -> UInt64 {
    try storage.withLock { (storage) throws(InteropError) in
      if storage.free.isEmpty {
        guard storage.entries.count < 1 << Self.indexBits else {
          throw InteropError(
            .invalidState, step: "make a handle", reason: "\(storage.count) objects are there",
            advice: "Destroy those that are not needed")
        }
        storage.free.append(storage.entries.count)
        storage.entries.append(Entry())
      }
      let index = storage.free.removeLast()
      storage.entries[index].generation += 1
      storage.entries[index].object = object
      storage.count += 1
      return UInt64(Object.kind.rawValue) << 56 | UInt64(storage.entries[index].generation) << Self.indexBits
        | UInt64(index)
    }
  }

  func get<Object: HandleObject>(_ id: UInt64, as type: Object.Type = Object.self) throws(InteropError) -> Object {
    guard let object = storage.withLock({ $0.entries.indices.contains(Self.index(id)) ? Self.object($0, id) : nil }),
      let found = object as? Object
    else { throw Self.invalid(id, Object.kind) }
    return found
  }

  /// Removes the handle, which is invalid afterwards.
  @discardableResult
  func remove<Object: HandleObject>(_ id: UInt64, as type: Object.Type = Object.self) throws(InteropError) -> Object {
    let object: (any HandleObject)? = storage.withLock { storage in
      guard let object = Self.object(storage, id), object is Object else { return nil }
      let index = Self.index(id)
      storage.entries[index].object = nil
      // After the last generation, this index is not used again.
      if storage.entries[index].generation < .max { storage.free.append(index) }
      storage.count -= 1
      return object
    }
    guard let found = object as? Object else { throw Self.invalid(id, Object.kind) }
    return found
  }

  private static func index(_ id: UInt64) -> Int { Int(id & (1 << indexBits - 1)) }

  private static func object(_ storage: Storage, _ id: UInt64) -> (any HandleObject)? {
    let index = index(id)
    guard storage.entries.indices.contains(index), let object = storage.entries[index].object,
      storage.entries[index].generation == UInt32(truncatingIfNeeded: id >> indexBits),
      type(of: object).kind.rawValue == UInt8(id >> 56)
    else { return nil }
    return object
  }

  private static func invalid(_ id: UInt64, _ wanted: HandleKind) -> InteropError {
    let reason =
      if id == 0 {
        "the handle is 0"
      } else if let kind = HandleKind(rawValue: UInt8(id >> 56)), kind != wanted {
        "the handle is that of a \(kind.name)"
      } else {
        "the \(wanted.name) is not there, or not any more"
      }
    return InteropError(
      .invalidHandle, step: "look up the \(wanted.name)", reason: reason, advice: "Use a handle until it is destroyed")
  }
}
