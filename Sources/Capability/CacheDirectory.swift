internal import CInteropProbe
internal import Glibc

/// An open directory whose files only this user can have put there. Owns its descriptor.
package struct CacheDirectory: ~Copyable {
  private let descriptor: Int32

  /// - Returns: nil if it does not exist, belongs to another user, or others may write to it.
  package init?(path: String) {
    let opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0 else { return nil }
    var info = stat()
    guard fstat(opened, &info) == 0, info.st_uid == geteuid(), info.st_mode & S_IWOTH == 0 else {
      _ = close(opened)
      return nil
    }
    descriptor = opened
  }

  deinit { _ = close(descriptor) }

  /// Makes a directory and its parents where they are missing, with mode 0700. Whether that worked shows on opening it.
  static func make(_ path: String) {
    guard mkdir(path, S_IRWXU) != 0, errno == ENOENT,
      let slash = path.lastIndex(of: "/"), slash != path.startIndex
    else { return }
    make(String(path[..<slash]))
    _ = mkdir(path, S_IRWXU)
  }

  /// The content of a regular file of this user's that nobody else may write.
  borrowing func read(_ name: String, atMost limit: Int) -> [UInt8]? {
    // O_NONBLOCK: a FIFO of that name must not stop the program; regular files ignore it.
    let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { _ = close(file) }
    var info = stat()
    guard fstat(file, &info) == 0, info.isRegularFile, info.st_uid == geteuid(),
      info.st_mode & (S_IWGRP | S_IWOTH) == 0, info.st_size > 0, info.st_size <= limit
    else { return nil }
    let size = Int(info.st_size)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let done = Glibc.read(file, buffer.baseAddress! + count, size - count)
        if done > 0 {
          count += done
        } else if done == 0 || errno != EINTR {
          // Too short shows in the lengths the file itself tells.
          break
        }
      }
    }
  }

  /// Puts a file in place of what has that name, in one step: readers see the old one or the new one.
  ///
  /// No fsync: after a power cut the file may be empty or short, which the next load notices, and what is lost costs a
  /// second of probing; syncing would cost every first start more than that on a slow disk.
  ///
  /// - Returns: whether it is there. If not, the old one is, and no temporary file.
  borrowing func write(_ bytes: [UInt8], as name: String) -> Bool {
    let temporary = CacheFile.temporaryName(for: name)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let opened = openat(descriptor, temporary, flags, S_IRUSR | S_IWUSR)
    guard opened >= 0 else { return false }
    // In a program without a stdout everything that is printed would go there.
    let file = system_above(opened, STDERR_FILENO)
    guard file >= 0 else {
      _ = unlinkat(descriptor, temporary, 0)
      return false
    }
    let isWritten = Self.writeAll(bytes, to: file)
    // Errors of a full disk may come as late as this.
    let isClosed = close(file) == 0
    if isWritten, isClosed, renameat(descriptor, temporary, descriptor, name) == 0 { return true }
    _ = unlinkat(descriptor, temporary, 0)
    return false
  }

  private static func writeAll(_ bytes: [UInt8], to file: Int32) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count {
        let done = Glibc.write(file, bytes.baseAddress! + written, bytes.count - written)
        if done > 0 {
          written += done
        } else if done == 0 || errno != EINTR {
          return false
        }
      }
      return true
    }
  }

  /// Deletes this cache's files that were not written for 90 days, and temporary files older than an hour. Other files
  /// stay: the directory is shared with scripts of this package.
  ///
  /// - Parameter now: seconds since 1970.
  package borrowing func removeOldFiles(now: Int) {
    for name in names() {
      let limit: Int
      switch CacheFile.kind(of: name) {
      case .entry: limit = 90 * 24 * 3600
      case .temporary: limit = 3600
      case nil: continue
      }
      var info = stat()
      guard fstatat(descriptor, name, &info, AT_SYMLINK_NOFOLLOW) == 0, info.isRegularFile,
        info.st_uid == geteuid(), now - info.st_mtim.tv_sec > limit
      else { continue }
      _ = unlinkat(descriptor, name, 0)
    }
  }

  private borrowing func names() -> [String] {
    // A descriptor of its own, which closedir closes.
    let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0 else { return [] }
    guard let stream = fdopendir(copy) else {
      _ = close(copy)
      return []
    }
    return DirectoryListing.names(consuming: stream)
  }
}

extension stat {
  var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }
}
