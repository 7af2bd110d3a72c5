import Foundation
import InteropTestSupport
import Testing

import Capability
import GLVulkanInterop

@Suite("Capability cache") struct CapabilityCacheTests {
  /// As large as a cell of a matrix.
  struct Cell: Codable, Sendable, Hashable {
    var path = "opaque-fd"
    var direction = "gl-to-vulkan"
    var mode = "direct"
    var pixelFormat = "rgba8-srgb"
    var tiling = "optimal"
    var modifier: String?
    var sync = "semaphore-fd"
    var size = "1920x1080"
    var verdict = "unsupported"
    var step: String? = "make a shared semaphore"
    var reason: String? =
      "llvmpipe (LLVM 15.0.6, 256 bits) and llvmpipe (LLVM 15.0.6, 256 bits) share no binary semaphores"
    var missing = ["GL_EXT_semaphore_fd", "VK_KHR_external_semaphore_fd"]
    var queueFamily: UInt32? = 0
    var note = "a text with \"quotes\", a \\, a line\nfeed and Umlaute: äöü"
  }

  let folder = CacheFolder()
  let key = CapabilityCache.Key(parts: ["6d657361", "Mesa 22.3.6", "1920x1080", "quo\"te\\ \n \u{1}"])
  var directory: String { folder.path + "/a/b/cache" }
  var cache: CapabilityCache { CapabilityCache(directory: directory) }

  /// Stores something and gives the path of its file.
  func storedFile() throws -> String {
    #expect(cache.store([1, 2, 3], for: key))
    let names = CacheFolder.names(in: directory)
    try #require(names.count == 1)
    return "\(directory)/\(names[0])"
  }

  func loads() -> [Int]? { cache.load(key, as: [Int].self) }

  // MARK: What it is for

  @Test func whatIsStoredIsLoaded() throws {
    #expect(cache.load(key, as: [Cell].self) == nil)
    let cells = [Cell(), Cell(modifier: "0x0", queueFamily: nil)]
    #expect(cache.store(cells, for: key))
    #expect(cache.load(key, as: [Cell].self) == cells)
    #expect(cache.store([Cell(verdict: "verified")], for: key))
    #expect(cache.load(key, as: [Cell].self)?.map(\.verdict) == ["verified"])
    let names = CacheFolder.names(in: directory)
    try #require(names.count == 1)
    #expect(CacheFile.kind(of: names[0]) == .entry)
    var info = stat()
    #expect(stat(directory, &info) == 0 && info.st_mode & 0o777 == 0o700)
    #expect(stat("\(directory)/\(names[0])", &info) == 0 && info.st_mode & 0o777 == 0o600)
  }

  @Test func anotherKeyIsAnotherAnswer() {
    let keys = [["a", "b"], ["b", "a"], ["ab"], ["a,b"], ["a\",\"b"], ["a", "b", ""], []].map(CapabilityCache.Key.init)
    for (index, key) in keys.enumerated() { #expect(cache.store(index, for: key)) }
    for (index, key) in keys.enumerated() { #expect(cache.load(key, as: Int.self) == index) }
    #expect(CacheFolder.names(in: directory).count == keys.count)
  }

  /// The shortest of many, as other tests run at the same time.
  @Test func aSecondLoadIsQuick() {
    let cells = [Cell](repeating: Cell(), count: 136)
    #expect(cache.store(cells, for: key))
    var times: [Double] = []
    for _ in 0..<21 {
      let start = ContinuousClock.now
      let loaded = cache.load(key, as: [Cell].self)
      times.append(Double((ContinuousClock.now - start).components.attoseconds) / 1e15)
      #expect(loaded?.count == 136)
    }
    times.sort()
    print("load of a matrix: \(times[0]) ms, median \(times[10]) ms")
    #if DEBUG
      #expect(times[0] < 50)
    #else
      #expect(times[0] < 5)
    #endif
  }

  // MARK: Where it is

  @Test func theFolderIsTheOneOfTheXDGSpecification() {
    func place(_ environment: [String: String]) -> String? { CapabilityCache(environment: environment)?.directory }
    #expect(place(["XDG_CACHE_HOME": "/c", "HOME": "/home/me"]) == "/c/swift-gl-vulkan-interop")
    #expect(place(["HOME": "/home/me"]) == "/home/me/.cache/swift-gl-vulkan-interop")
    #expect(place(["XDG_CACHE_HOME": "relative", "HOME": "/home/me"]) == "/home/me/.cache/swift-gl-vulkan-interop")
    #expect(place(["XDG_CACHE_HOME": "", "HOME": "/home/me"]) == "/home/me/.cache/swift-gl-vulkan-interop")
    #expect(place(["HOME": "me"]) == nil)
    #expect(place([:]) == nil)
  }

  // MARK: Storing

  @Test func aFailedStoreLeavesNothing() {
    folder.touch("file")
    let under = CapabilityCache(directory: folder.path + "/file/cache")
    #expect(!under.store(1, for: key))
    #expect(under.load(key, as: Int.self) == nil)
    #expect(!CapabilityCache(directory: "/proc/no/such").store(1, for: key))
    #expect(!cache.store(Double.nan, for: key), "JSON has no NaN")
    #expect(folder.names() == ["file"])
  }

  @Test(.enabled(if: geteuid() == 0, "needs root, for a small file system"))
  func aFullDiskLeavesNothing() throws {
    let disk = folder.path + "/disk"
    mkdir(disk, 0o700)
    guard mount("tmpfs", disk, "tmpfs", 0, "size=64k,mode=700") == 0 else { return }
    defer { umount(disk) }
    let small = CapabilityCache(directory: disk)
    #expect(small.store("fits", for: key))
    #expect(!small.store(String(repeating: "x", count: 100_000), for: key))
    #expect(CacheFolder.names(in: disk).count == 1)
    #expect(small.load(key, as: String.self) == "fits")
  }

  @Test func aReaderNeverSeesAMixture() {
    final class Progress: Sendable {
      let writersDone = Atomic(0)
      let storesFailed = Atomic(0)
    }
    let (cache, key, progress) = (cache, key, Progress())
    let texts = ["a", "b"].map { String(repeating: $0, count: 100_000) }
    #expect(cache.store(texts[0], for: key))
    for text in texts {
      Thread.detachNewThread {
        for _ in 0..<200 where !cache.store(text, for: key) { progress.storesFailed.add(1, ordering: .relaxed) }
        progress.writersDone.add(1, ordering: .relaxed)
      }
    }
    var seen: [String: Int] = [:]
    while progress.writersDone.load(ordering: .relaxed) < 2 {
      seen[cache.load(key, as: String.self) ?? "nothing", default: 0] += 1
    }
    #expect(progress.storesFailed.load(ordering: .relaxed) == 0)
    #expect(Set(seen.keys).isSubset(of: texts), "either text, whole: \(seen.mapValues { "\($0) times" }.values)")
    #expect(CacheFolder.names(in: directory).count == 1, "no temporary files")
  }

  @Test func onlyOldFilesOfItsOwnAreDeleted() {
    let name = CacheFile.name(keyLine: CacheFile.keyLine(["old"]))
    let hash = String(name.dropLast(5))
    let day = 24 * 3600
    let stays = [
      "angle", "capabilities-1.json", hash + ".tmp", hash + ".JSON", "x" + name,
      CacheFile.name(keyLine: CacheFile.keyLine(["young"])), CacheFile.temporaryName(for: name),
    ]
    let goes = [name, CacheFile.temporaryName(for: name)]
    for file in stays.prefix(5) { folder.touch(file, seconds: 400 * day) }
    folder.touch(stays[5], seconds: 89 * day)
    folder.touch(stays[6], seconds: 3000)
    folder.touch(goes[0], seconds: 91 * day)
    folder.touch(goes[1], seconds: 4000)
    guard let opened = CacheDirectory(path: folder.path) else {
      Issue.record("the directory is this user's")
      return
    }
    opened.removeOldFiles(now: time(nil))
    #expect(folder.names() == stays.sorted())
  }
}
