/// The format of a file of ``CapabilityCache``, as pure functions of bytes.
///
/// Line 1: `gl-vulkan-capabilities FORMAT CHECKSUM KEYLENGTH PAYLOADLENGTH`, the checksum in hexadecimal, lengths in
/// bytes without the line feed. Line 2: the parts of the key as a JSON array. The rest: the payload, JSON. A load thus
/// compares the key as bytes and decodes only the payload.
package enum CacheFile {
  /// The format's version, raised when the layout changes; files of another format are not read.
  static let format = 2
  /// The maximum size in bytes. A matrix has 100 KB.
  package static let maximumSize = 4 << 20

  private static let magic = "gl-vulkan-capabilities"
  private static let lineFeed = UInt8(ascii: "\n")

  /// Writes the parts as a JSON array on one line. It is written by hand so that equal parts are equal bytes with every
  /// JSON library.
  package static func keyLine(_ parts: [String]) -> [UInt8] {
    var line: [UInt8] = [UInt8(ascii: "[")]
    for (index, part) in parts.enumerated() {
      if index > 0 { line.append(UInt8(ascii: ",")) }
      line.append(UInt8(ascii: "\""))
      for byte in part.utf8 {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): line += [UInt8(ascii: "\\"), byte]
        case 0..<0x20: line += "\\u00\(hexadecimal(UInt64(byte), digits: 2))".utf8
        default: line.append(byte)
        }
      }
      line.append(UInt8(ascii: "\""))
    }
    line.append(UInt8(ascii: "]"))
    return line
  }

  package static func bytes(keyLine: [UInt8], payload: [UInt8]) -> [UInt8] {
    let body = keyLine + [lineFeed] + payload
    return Array(header(checksum: checksum(body[...]), keyLength: keyLine.count, payloadLength: payload.count)) + body
  }

  /// Finds the payload in the bytes of a file.
  ///
  /// - Returns: nil if the bytes are not exactly those that ``bytes(keyLine:payload:)`` makes of this key and some
  ///   payload.
  static func payload(in bytes: [UInt8], keyLine: [UInt8]) -> Range<Int>? {
    guard let end = bytes.firstIndex(of: lineFeed) else { return nil }
    let start = end + 1
    let body = bytes[start...]
    let payloadLength = body.count - keyLine.count - 1
    guard payloadLength >= 0,
      bytes[..<start].elementsEqual(
        header(checksum: checksum(body), keyLength: keyLine.count, payloadLength: payloadLength)),
      body.starts(with: keyLine), bytes[start + keyLine.count] == lineFeed
    else { return nil }
    return start + keyLine.count + 1..<bytes.count
  }

  private static func header(checksum: UInt64, keyLength: Int, payloadLength: Int) -> String.UTF8View {
    "\(magic) \(format) \(hexadecimal(checksum, digits: 16)) \(keyLength) \(payloadLength)\n".utf8
  }

  // MARK: Names

  private static let prefix = "capabilities-"
  private static let suffix = ".json"
  private static let temporarySuffix = ".tmp"

  /// The file's name: `capabilities-` and 32 hexadecimal digits of the key, `.json`.
  package static func name(keyLine: [UInt8]) -> String { prefix + hash(keyLine) + suffix }

  /// An unpredictable name for the temporary file that will replace `name`.
  package static func temporaryName(for name: String) -> String {
    name.dropLast(suffix.count) + "." + hexadecimal(UInt64.random(in: .min ... .max), digits: 16) + temporarySuffix
  }

  package enum Kind { case entry, temporary }

  /// - Returns: nil for a file that does not belong to this cache.
  package static func kind(of name: String) -> Kind? {
    guard name.hasPrefix(prefix) else { return nil }
    let rest = name.dropFirst(prefix.count)
    func isHexadecimal(_ text: some StringProtocol, _ count: Int) -> Bool {
      text.utf8.count == count
        && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
    if rest.hasSuffix(suffix) { return isHexadecimal(rest.dropLast(suffix.count), 32) ? .entry : nil }
    guard rest.hasSuffix(temporarySuffix) else { return nil }
    let parts = rest.dropLast(temporarySuffix.count).split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 2 && isHexadecimal(parts[0], 32) && isHexadecimal(parts[1], 16) ? .temporary : nil
  }

  // MARK: Hashes

  /// Hashes with FNV-1a of 128 bits, as hexadecimal. Two keys with the same hash share a file and overwrite each other:
  /// the key line distinguishes them.
  private static func hash(_ bytes: [UInt8]) -> String {
    var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    for byte in bytes { hash = (hash ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b }
    return hexadecimal(UInt64(truncatingIfNeeded: hash >> 64), digits: 16)
      + hexadecimal(UInt64(truncatingIfNeeded: hash), digits: 16)
  }

  /// Detects damage, not tampering. It takes eight bytes at a time with the constants of FNV-1a: byte by byte it would
  /// be the most expensive part of a load in a debug build. Every step is reversible, so one changed word always shows.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.withUnsafeBytes { bytes in
      var sum: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(bytes.count)
      func add(_ word: UInt64) {
        sum = (sum ^ word) &* 0x0000_0100_0000_01b3
        sum ^= sum >> 32
      }
      var offset = 0
      while offset + 8 <= bytes.count {
        add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        offset += 8
      }
      while offset < bytes.count {
        add(UInt64(bytes[offset]))
        offset += 1
      }
      return sum
    }
  }

  private static func hexadecimal(_ value: UInt64, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
