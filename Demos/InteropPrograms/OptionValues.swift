public import ArgumentParser
public import GLVulkanInterop

// Reads the library's own names from the command line. The values listed here appear in --help, in the message for a
// wrong value, and in a shell's completions. ArgumentParser lists values by itself for enumerations only.

/// `auto`, or one of `Value`'s names.
public struct AutoOr<Value: ExpressibleByArgument & Sendable>: ExpressibleByArgument, Sendable {
  /// nil for `auto`.
  public let value: Value?

  public init(_ value: Value?) { self.value = value }

  public init?(argument: String) {
    if argument == "auto" {
      value = nil
    } else {
      guard let value = Value(argument: argument) else { return nil }
      self.value = value
    }
  }

  public static var auto: AutoOr { AutoOr(nil) }
  public static var allValueStrings: [String] { ["auto"] + Value.allValueStrings }
  public static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
  public var defaultValueDescription: String { value?.defaultValueDescription ?? "auto" }
}

extension TransferPath: ExpressibleByArgument {
  public init?(argument: String) {
    guard let path = Self.all.first(where: { $0.rawValue == argument }) else { return nil }
    self = path
  }

  public static var allValueStrings: [String] { all.map(\.rawValue) }
  public static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

extension TransferMode: ExpressibleByArgument {}
extension SyncKind: ExpressibleByArgument {}
extension SurfacelessContext.API: ExpressibleByArgument {}

extension PixelFormat: ExpressibleByArgument {
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { all.map(\.name) }
  public static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
  public var defaultValueDescription: String { name }
}

extension PixelSize: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension SurfacelessContext.Platform: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
  public static var defaultCompletionKind: CompletionKind { .list(["surfaceless", "device:0", "angle:"]) }
}
