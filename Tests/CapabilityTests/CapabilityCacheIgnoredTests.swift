import Capability
import Foundation
import InteropTestSupport
import Testing

/// What counts as not there.
extension CapabilityCacheTests {
  @Test func aDamagedFileIsAMiss() throws {
    let file = try storedFile()
    let good = CacheFolder.read(file)
    for length in 0..<good.count {
      CacheFolder.write(Array(good[..<length]), to: file)
      #expect(loads() == nil, "the first \(length) bytes of \(good.count)")
    }
    for index in good.indices {
      for bit in [0, 3, 7] as [UInt8] {
        var bad = good
        bad[index] ^= 1 << bit
        CacheFolder.write(bad, to: file)
        #expect(loads() == nil, "byte \(index), bit \(bit)")
      }
    }
    for bad in [good + [0], good + good, [], Array("{}".utf8), [UInt8](repeating: 0, count: good.count)] {
      CacheFolder.write(bad, to: file)
      #expect(loads() == nil)
    }
    CacheFolder.write(good, to: file)
    #expect(loads() == [1, 2, 3])
  }

  @Test func anotherFormatOrKeyIsAMiss() throws {
    let file = try storedFile()
    let text = String(decoding: CacheFolder.read(file), as: UTF8.self)
    let start = "gl-vulkan-capabilities 2 "
    try #require(text.hasPrefix(start))
    // What the version before wrote, and what the next may.
    for format in [1, 3] {
      CacheFolder.write(Array(("gl-vulkan-capabilities \(format) " + text.dropFirst(start.count)).utf8), to: file)
      #expect(loads() == nil)
    }
    // As after a collision of hashes: another key's file, whole, under this key's name.
    let other = CacheFile.keyLine(key.parts.reversed())
    try #require(other.count == CacheFile.keyLine(key.parts).count)
    CacheFolder.write(CacheFile.bytes(keyLine: other, payload: Array("[1]".utf8)), to: file)
    #expect(loads() == nil)
    // Whole, and not the type that is asked for.
    #expect(cache.store("text", for: key))
    #expect(loads() == nil)
  }

  @Test func aFileOthersCouldHaveWrittenIsAMiss() throws {
    let file = try storedFile()
    for mode in [0o620, 0o602, 0o666] as [mode_t] {
      chmod(file, mode)
      #expect(loads() == nil)
    }
    chmod(file, 0o600)
    #expect(loads() == [1, 2, 3])
    for mode in [0o702, 0o777, 0o1777] as [mode_t] {
      chmod(directory, mode)
      #expect(loads() == nil)
      #expect(!cache.store([4], for: key))
    }
    chmod(directory, 0o700)
    #expect(loads() == [1, 2, 3])
    #expect(CacheFolder.names(in: directory).count == 1, "nothing was deleted and nothing left")
  }

  @Test(.enabled(if: geteuid() == 0, "needs root, to give a file away"))
  func anotherUsersFileIsAMiss() throws {
    let file = try storedFile()
    chown(file, 1, 1)
    #expect(loads() == nil)
    chown(file, 0, 0)
    #expect(loads() == [1, 2, 3])
    chown(directory, 1, 1)
    #expect(loads() == nil)
    #expect(!cache.store([4], for: key))
    chown(directory, 0, 0)
    #expect(loads() == [1, 2, 3])
  }

  @Test func whatIsNoRegularFileIsAMiss() throws {
    let file = try storedFile()
    let moved = folder.path + "/moved"
    #expect(rename(file, moved) == 0)
    #expect(symlink(moved, file) == 0)
    #expect(loads() == nil)
    unlink(file)
    // Would stop a reader that waits for a writer.
    #expect(mkfifo(file, 0o600) == 0)
    #expect(loads() == nil)
    unlink(file)
    #expect(mkdir(file, 0o700) == 0)
    #expect(loads() == nil)
    #expect(!cache.store([4], for: key), "a directory is in the way")
    #expect(CacheFolder.names(in: directory).count == 1)
  }

  @Test func aFileThatIsTooLargeIsAMiss() throws {
    let text = String(repeating: "x", count: CacheFile.maximumSize)
    #expect(!cache.store(text, for: key))
    #expect(CacheFolder.names(in: directory).isEmpty)
    let file = try storedFile()
    let line = CacheFile.keyLine(key.parts)
    CacheFolder.write(CacheFile.bytes(keyLine: line, payload: Array("\"\(text)\"".utf8)), to: file)
    #expect(cache.load(key, as: String.self) == nil)
    let short = String(text.dropLast(1000))
    CacheFolder.write(CacheFile.bytes(keyLine: line, payload: Array("\"\(short)\"".utf8)), to: file)
    #expect(cache.load(key, as: String.self) == short)
  }
}
