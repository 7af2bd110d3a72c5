internal import CInteropProbe
internal import Glibc

/// An open directory whose files only this user can have written. Owns its descriptor.
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

  /// Creates a directory and its missing parents, with mode 0700. A failure shows when the directory is opened.
  static func make(_ path: String) {
    guard mkdir(path, S_IRWXU) != 0, errno == ENOENT,
      let slash = path.lastIndex(of: "/"), slash != path.startIndex
    else { return }
    make(String(path[..<slash]))
    _ = mkdir(path, S_IRWXU)
  }

  /// Reads a regular file that belongs to this user and that no other user may write.
  borrowing func read(_ name: String, atMost limit: Int) -> [UInt8]? {
    // O_NONBLOCK: a FIFO of that name must not block the application; regular files ignore the flag.
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
          // The lengths in the file itself reveal a short read.
          break
        }
      }
    }
  }

  /// Replaces the file of that name in one step: readers see the old file or the new one.
  ///
  /// There is no fsync. After a power cut the file may be empty or short, which the next load notices, and the loss
  /// costs a second of probing. Syncing would cost every first start more than that on a slow disk.
  ///
  /// - Returns: whether the file was written. If not, the old file is still there, and no temporary file.
  borrowing func write(_ bytes: [UInt8], as name: String) -> Bool {
    let temporary = CacheFile.temporaryName(for: name)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let opened = openat(descriptor, temporary, flags, S_IRUSR | S_IWUSR)
    guard opened >= 0 else { return false }
    // In a process without a stdout, all printed text would go into the file.
    let file = system_above(opened, STDERR_FILENO)
    guard file >= 0 else {
      _ = unlinkat(descriptor, temporary, 0)
      return false
    }
    let isWritten = Self.writeAll(bytes, to: file)
    // Errors of a full disk may be reported as late as this.
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
  /// stay: this package's scripts share the directory.
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
    // closedir closes this copy of the descriptor.
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
