package import RawImport

/// The combination that a cell of the matrix is about, as the probe asks for it.
package struct CellKey: Sendable, Hashable {
  package var configuration: TransferConfiguration
  package var direction: TransferDirection
  package var format: PixelFormat
  /// The modifier that is asked for; nil on a path without one.
  package var modifier: DRMModifier?
  package var size: PixelSize

  package init(
    configuration: TransferConfiguration, direction: TransferDirection, format: PixelFormat,
    modifier: DRMModifier? = nil, size: PixelSize
  ) {
    self.configuration = configuration
    self.direction = direction
    self.format = format
    self.modifier = modifier
    self.size = size
  }

  /// Whether the two differ in nothing but format and size.
  package func isAlike(_ other: CellKey) -> Bool {
    configuration == other.configuration && direction == other.direction && modifier == other.modifier
  }
}

extension CellKey: Codable {
  private enum CodingKeys: CodingKey { case direction, pixelFormat, modifier, size }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func parsed<Value>(_ key: CodingKeys, _ parse: (String) -> Value?) throws -> Value {
      let text = try container.decode(String.self, forKey: key)
      if let value = parse(text) { return value }
      throw DecodingError.dataCorruptedError(
        forKey: key, in: container, debugDescription: "\"\(text)\" is no \(key.stringValue)")
    }
    configuration = try TransferConfiguration(from: decoder)
    direction = try container.decode(TransferDirection.self, forKey: .direction)
    format = try parsed(.pixelFormat) { PixelFormat(named: $0) }
    modifier = try container.decodeIfPresent(DRMModifier.self, forKey: .modifier)
    size = try parsed(.size) { PixelSize($0) }
  }

  /// Encodes all names beside each other, and a missing modifier as `null`.
  package func encode(to encoder: any Encoder) throws {
    try configuration.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(direction, forKey: .direction)
    try container.encode(format.name, forKey: .pixelFormat)
    try container.encode(modifier, forKey: .modifier)
    try container.encode(size.description, forKey: .size)
  }
}
