import Foundation
package import GLVulkanInterop

/// Every state of a context that its driver answers for, by the names of the GL headers that this machine has: what the
/// application has set must be there again after each call of the package.
///
/// Every enumerant of the headers is given to every kind of query once (``init(_:)``); those that the driver takes
/// without an error are read in each dump, for every index and every texture unit, vertex attribute and framebuffer.
package final class GLStateDump {
  private typealias GetIntegers = @convention(c) (GLenum, UnsafeMutablePointer<GLint>?) -> Void
  private typealias GetFloats = @convention(c) (GLenum, UnsafeMutablePointer<GLfloat>?) -> Void
  private typealias GetDoubles = @convention(c) (GLenum, UnsafeMutablePointer<GLdouble>?) -> Void
  private typealias GetIntegers64 = @convention(c) (GLenum, UnsafeMutablePointer<GLint64>?) -> Void
  private typealias GetIndexed64 = @convention(c) (GLenum, GLuint, UnsafeMutablePointer<GLint64>?) -> Void
  private typealias GetIndexedFloats = @convention(c) (GLenum, GLuint, UnsafeMutablePointer<GLfloat>?) -> Void
  private typealias GetOfObject = @convention(c) (GLenum, GLenum, UnsafeMutablePointer<GLint>?) -> Void
  private typealias GetFloatsOfObject = @convention(c) (GLenum, GLenum, UnsafeMutablePointer<GLfloat>?) -> Void
  private typealias GetOfName = @convention(c) (GLuint, GLenum, UnsafeMutablePointer<GLint>?) -> Void
  private typealias GetPointer = @convention(c) (GLenum, UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> Void
  private typealias GetPointerOfName =
    @convention(c) (
      GLuint, GLenum, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> Void
  private typealias GetAttachment = @convention(c) (GLenum, GLenum, GLenum, UnsafeMutablePointer<GLint>?) -> Void
  private typealias SetUnit = @convention(c) (GLenum) -> Void

  private let app: StateContext
  private let gl: GLFunctions
  private let version: (major: Int, minor: Int)
  private let isES: Bool

  /// The state, by name: what the queries wrote, as words.
  package typealias State = [String: [UInt64]]

  // What the driver answers, found once.
  private var single: [GLenum] = []
  private var switches: [GLenum] = []
  private var indexedSwitches: [(GLenum, GLuint)] = []
  private var indexed: [(GLenum, GLuint)] = []
  private var indexedFloats: [(GLenum, GLuint)] = []
  private var pointers: [GLenum] = []
  private var perUnit: [GLenum] = []
  private var ofAttribute: [GLenum] = []
  private var ofTexture: [GLenum] = []
  private var ofEnvironment: [(GLenum, GLenum)] = []
  private var ofCoordinate: [(GLenum, GLenum)] = []
  private var ofLight: [(GLenum, GLenum)] = []
  private var ofAttachment: [GLenum] = []
  private var ofRenderbuffer: [GLenum] = []
  private var ofBuffer: [(GLenum, GLenum)] = []
  private var ofQuery: [(GLenum, GLenum)] = []
  private var ofProgram: [GLenum] = []
  private var ofPipeline: [GLenum] = []
  private var ofSampler: [GLenum] = []

  /// The application's framebuffers, whose own state is read too; 0 is always among them.
  package var framebuffers: [GLuint] = []

  /// What changes by itself, and is no state of the context; and the LUID, for which Mesa 22.3.6 calls address 0.
  private static func isRestless(_ name: String) -> Bool {
    [
      "GL_TIMESTAMP", "GL_TIMESTAMP_EXT", "GL_DEVICE_LUID_EXT", "GL_DEVICE_NODE_MASK_EXT",
      "GL_DETACHED_MEMORY_INCARNATION_NV",
    ].contains(name) || name.hasPrefix("GL_GPU_MEMORY_INFO_") || name.hasSuffix("_FREE_MEMORY_ATI")
  }

  /// Finds out what the driver answers. The application's state stays as it is, its pending errors do not.
  package init(_ app: StateContext) throws {
    self.app = app
    gl = app.gl.gl
    version = app.gl.version
    isES = app.gl.isES
    try survey()
  }

  /// How many states a dump has at least: single ones, in words.
  package var stateCount: Int { single.count + switches.count + indexed.count + indexedFloats.count }

  // MARK: Names

  /// Every `#define GL_NAME 0x…` of the headers, the first name of each value.
  package static let names: [GLenum: String] = {
    var names: [GLenum: String] = [:]
    for file in ["GLES3/gl32.h", "GL/glcorearb.h", "GL/gl.h", "GL/glext.h", "GLES2/gl2ext.h"] {
      guard let text = try? String(contentsOfFile: "/usr/include/\(file)", encoding: .utf8) else { continue }
      for line in text.split(separator: "\n") where line.hasPrefix("#define GL_") {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard words.count >= 3, words[2].hasPrefix("0x"), let value = UInt64(words[2].dropFirst(2), radix: 16),
          value <= 0xFFFF
        else { continue }
        if names[GLenum(value)] == nil { names[GLenum(value)] = String(words[1]) }
      }
    }
    return names
  }()
  /// Whether the names are known: where the package was built they are.
  package static var hasHeaders: Bool { names.count > 2000 }
  private static let enumerants = names.keys.sorted()
  private static func name(_ value: GLenum) -> String { names[value] ?? "0x" + String(value, radix: 16) }

  // MARK: What the driver answers

  private func isFine(_ query: () -> Void) -> Bool {
    query()
    var fine = true
    for _ in 0..<8 where gl.glGetError() != GL_NO_ERROR { fine = false }
    return fine
  }

  private static let capacity = 4096

  private func survey() throws {
    let room = UnsafeMutablePointer<GLint>.allocate(capacity: Self.capacity * 4)
    defer { room.deallocate() }
    let floats = UnsafeMutableRawPointer(room).assumingMemoryBound(to: GLfloat.self)
    let words = UnsafeMutableRawPointer(room).assumingMemoryBound(to: GLint64.self)
    let places = UnsafeMutableRawPointer(room).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    for _ in 0..<16 where gl.glGetError() == GL_NO_ERROR { break }
    let all = Self.enumerants.filter { !Self.isRestless(Self.name($0)) }
    single = all.filter { value in isFine { gl.glGetIntegerv(value, room) } }
    switches = all.filter { value in isFine { _ = gl.glIsEnabled(value) } }
    func indices(_ query: (GLuint) -> Void) -> [GLuint] {
      var found: [GLuint] = []
      while found.count < 256, isFine({ query(GLuint(found.count)) }) { found.append(GLuint(found.count)) }
      return found
    }
    if hasIndexed {
      // 64 bits hold offsets and sizes of bound buffers too.
      let get: GetIndexed64? = app.function("glGetInteger64i_v")
      if let get { for value in all { indexed += indices { get(value, $0, words) }.map { (value, $0) } } }
    }
    if let get: GetIndexedFloats = app.gl.features.isES2 ? nil : app.function("glGetFloati_v"), !isES {
      for value in all { indexedFloats += indices { get(value, $0, floats) }.map { (value, $0) } }
    }
    if let isEnabled = gl.glIsEnabledi, !isES || version >= (3, 2) {
      for value in all { indexedSwitches += indices { _ = isEnabled(value, $0) }.map { (value, $0) } }
    }
    if let get: GetPointer = app.function(isES ? "glGetPointervKHR" : "glGetPointerv") {
      pointers = all.filter { value in isFine { get(value, places) } }
    }
    perUnit = single.filter { value in
      let name = Self.name(value)
      return name.hasPrefix("GL_TEXTURE_BINDING_") || name == "GL_SAMPLER_BINDING"
        || name.hasPrefix("GL_TEXTURE_COORD_ARRAY")
        || name == "GL_TEXTURE_MATRIX" || name == "GL_TEXTURE_STACK_DEPTH" || name == "GL_CURRENT_TEXTURE_COORDS"
    }
    ofAttribute = all.filter { value in isFine { gl.glGetVertexAttribiv(1, value, room) } }
    ofTexture = all.filter { value in isFine { gl.glGetTexParameteriv(GLenum(GL_TEXTURE_2D), value, room) } }
    if app.gl.features.isCompatibilityProfile {
      if let get: GetFloatsOfObject = app.function("glGetTexEnvfv") {
        for target: GLenum in [0x2300, 0x8500, 0x8861] {  // GL_TEXTURE_ENV, GL_TEXTURE_FILTER_CONTROL, GL_POINT_SPRITE
          ofEnvironment += all.filter { value in isFine { get(target, value, floats) } }.map { (target, $0) }
        }
      }
      if let get: GetFloatsOfObject = app.function("glGetTexGenfv") {
        for coordinate: GLenum in 0x2000...0x2003 {  // GL_S to GL_Q
          ofCoordinate += all.filter { value in isFine { get(coordinate, value, floats) } }.map { (coordinate, $0) }
        }
      }
      if let get: GetFloatsOfObject = app.function("glGetLightfv") {
        ofLight += all.filter { value in isFine { get(0x4000, value, floats) } }.map { (0x4000, $0) }
      }
    }
    if let get: GetAttachment = app.function("glGetFramebufferAttachmentParameteriv") {
      var framebuffer: GLuint = 0
      var texture: GLuint = 0
      let (drawn, read) = framebufferBindings
      let bound = GLuint(bitPattern: app.gl.integer(GL_TEXTURE_BINDING_2D))
      gl.glGenTextures(1, &texture)
      gl.glBindTexture(GLenum(GL_TEXTURE_2D), texture)
      gl.glGenFramebuffers(1, &framebuffer)
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer)
      gl.glFramebufferTexture2D(
        GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), GLenum(GL_TEXTURE_2D), texture, 0)
      ofAttachment = all.filter { value in
        isFine { get(GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0), value, room) }
      }
      gl.glBindTexture(GLenum(GL_TEXTURE_2D), bound)
      bind(drawn, read)
      gl.glDeleteFramebuffers(1, &framebuffer)
      gl.glDeleteTextures(1, &texture)
    }
    ofRenderbuffer = all.filter { value in
      isFine { gl.glGetRenderbufferParameteriv(GLenum(GL_RENDERBUFFER), value, room) }
    }
    for target in [
      GL_ARRAY_BUFFER, GL_ELEMENT_ARRAY_BUFFER, GL_PIXEL_PACK_BUFFER, GL_PIXEL_UNPACK_BUFFER, GL_UNIFORM_BUFFER,
      GL_COPY_READ_BUFFER, GL_COPY_WRITE_BUFFER, GL_TRANSFORM_FEEDBACK_BUFFER,
    ] {
      let target = GLenum(target)
      ofBuffer += all.filter { value in isFine { gl.glGetBufferParameteriv(target, value, room) } }.map { (target, $0) }
    }
    if let get: GetOfObject = app.function("glGetQueryiv"), !app.gl.features.isES2 {
      for target in all where isFine({ get(target, GLenum(GL_CURRENT_QUERY), room) }) {
        ofQuery.append((target, GLenum(GL_CURRENT_QUERY)))
      }
    }
    let program = GLuint(bitPattern: app.gl.integer(GL_CURRENT_PROGRAM))
    if program != 0 { ofProgram = all.filter { value in isFine { gl.glGetProgramiv(program, value, room) } } }
    if let get: GetOfName = app.function("glGetProgramPipelineiv"), pipeline != 0 {
      ofPipeline = all.filter { value in isFine { get(pipeline, value, room) } }
    }
    if let get: GetOfName = app.function("glGetSamplerParameteriv"), app.gl.features.hasSamplers {
      let sampler = GLuint(bitPattern: app.gl.integer(GL_SAMPLER_BINDING))
      if sampler != 0 { ofSampler = all.filter { value in isFine { get(sampler, value, room) } } }
    }
    for _ in 0..<16 where gl.glGetError() == GL_NO_ERROR { break }
  }

  private var hasIndexed: Bool { isES ? version >= (3, 0) : version >= (3, 2) }

  private var pipeline: GLuint {
    let known = single.contains(GLenum(GL_PROGRAM_PIPELINE_BINDING))
    return known ? GLuint(bitPattern: app.gl.integer(GL_PROGRAM_PIPELINE_BINDING)) : 0
  }

  private var framebufferBindings: (draw: GLuint, read: GLuint) {
    let draw = GLuint(bitPattern: app.gl.integer(GL_DRAW_FRAMEBUFFER_BINDING))
    return (draw, app.gl.features.isES2 ? draw : GLuint(bitPattern: app.gl.integer(GL_READ_FRAMEBUFFER_BINDING)))
  }

  private func bind(_ draw: GLuint, _ read: GLuint) {
    guard !app.gl.features.isES2 else { return gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), draw) }
    gl.glBindFramebuffer(GLenum(GL_DRAW_FRAMEBUFFER), draw)
    gl.glBindFramebuffer(GLenum(GL_READ_FRAMEBUFFER), read)
  }

  // MARK: Dumps

  /// Reads it all. What it binds for that it puts back itself, which a second dump right after would show.
  package func read() -> State {
    var state: State = [:]
    let room = UnsafeMutablePointer<UInt64>.allocate(capacity: Self.capacity * 2)
    defer { room.deallocate() }
    let sentinel: UInt64 = 0xA5A5_A5A5_5A5A_5A5A
    /// Keeps what `query` wrote, up to the last word that it did.
    func keep<Value>(
      _ name: @autoclosure () -> String, _ type: Value.Type, _ query: (UnsafeMutablePointer<Value>) -> Void
    ) {
      for index in 0..<64 { room[index] = sentinel }
      query(UnsafeMutableRawPointer(room).assumingMemoryBound(to: Value.self))
      var count = 64
      while count > 0, room[count - 1] == sentinel { count -= 1 }
      state[name()] = (0..<count).map { room[$0] }
    }
    func integers(_ prefix: String, _ list: [GLenum]) {
      for value in list { keep(prefix + Self.name(value), GLint.self) { gl.glGetIntegerv(value, $0) } }
    }
    integers("", single)
    // As floating point: viewports, ranges, colours, matrices, widths.
    for value in single { keep(Self.name(value) + " (float)", GLfloat.self) { gl.glGetFloatv(value, $0) } }
    for value in switches { state["enabled " + Self.name(value)] = [UInt64(gl.glIsEnabled(value))] }
    if let isEnabled = gl.glIsEnabledi {
      for (value, index) in indexedSwitches {
        state["enabled \(Self.name(value))[\(index)]"] = [UInt64(isEnabled(value, index))]
      }
    }
    if let get: GetIndexed64 = app.function("glGetInteger64i_v") {
      for (value, index) in indexed { keep("\(Self.name(value))[\(index)]", GLint64.self) { get(value, index, $0) } }
    }
    if let get: GetIndexedFloats = app.function("glGetFloati_v") {
      for (value, index) in indexedFloats {
        keep("\(Self.name(value))[\(index)] (float)", GLfloat.self) { get(value, index, $0) }
      }
    }
    if let get: GetPointer = app.function(isES ? "glGetPointervKHR" : "glGetPointerv") {
      for value in pointers { keep("pointer " + Self.name(value), UnsafeMutableRawPointer?.self) { get(value, $0) } }
    }
    readUnits(keep)
    for index in 0..<GLuint(max(app.gl.integer(GL_MAX_VERTEX_ATTRIBS), 1)) {
      for value in ofAttribute
      where index > 0 || Self.name(value) != "GL_CURRENT_VERTEX_ATTRIB" || !app.gl.features.isCompatibilityProfile {
        keep("attribute \(index) " + Self.name(value), GLint.self) { gl.glGetVertexAttribiv(index, value, $0) }
      }
      keep("attribute \(index) pointer", UnsafeMutableRawPointer?.self) {
        gl.glGetVertexAttribPointerv(index, GLenum(GL_VERTEX_ATTRIB_ARRAY_POINTER), $0)
      }
    }
    readFramebuffers(keep)
    if app.gl.integer(GL_RENDERBUFFER_BINDING) != 0 {
      for value in ofRenderbuffer {
        keep("renderbuffer " + Self.name(value), GLint.self) {
          gl.glGetRenderbufferParameteriv(GLenum(GL_RENDERBUFFER), value, $0)
        }
      }
    }
    for (target, value) in ofBuffer {
      keep("buffer \(Self.name(target)) \(Self.name(value))", GLint.self) {
        gl.glGetBufferParameteriv(target, value, $0)
      }
    }
    if let get: GetOfObject = app.function("glGetQueryiv") {
      for (target, value) in ofQuery { keep("query \(Self.name(target))", GLint.self) { get(target, value, $0) } }
    }
    let program = GLuint(bitPattern: app.gl.integer(GL_CURRENT_PROGRAM))
    for value in ofProgram where program != 0 {
      keep("program " + Self.name(value), GLint.self) { gl.glGetProgramiv(program, value, $0) }
    }
    if let get: GetOfName = app.function("glGetProgramPipelineiv") {
      for value in ofPipeline { keep("pipeline " + Self.name(value), GLint.self) { get(pipeline, value, $0) } }
    }
    for (target, value) in ofLight {
      guard let get: GetFloatsOfObject = app.function("glGetLightfv") else { break }
      keep("light \(Self.name(value))", GLfloat.self) { get(target, value, $0) }
    }
    for _ in 0..<64 where gl.glGetError() == GL_NO_ERROR { break }
    return state
  }

  private func readUnits(
    _ keep: (@autoclosure () -> String, GLint.Type, (UnsafeMutablePointer<GLint>) -> Void) -> Void
  ) {
    let active = GLenum(app.gl.integer(GL_ACTIVE_TEXTURE))
    let units = min(Int(app.gl.integer(GL_MAX_COMBINED_TEXTURE_IMAGE_UNITS)), 192)
    let setClientUnit: SetUnit? = app.gl.features.isCompatibilityProfile ? app.function("glClientActiveTexture") : nil
    let clientUnit = GLenum(setClientUnit == nil ? 0 : app.gl.integer(0x84E1))  // GL_CLIENT_ACTIVE_TEXTURE
    let coordinateUnits = setClientUnit == nil ? 0 : Int(app.gl.integer(0x8871))  // GL_MAX_TEXTURE_COORDS
    for unit in 0..<units {
      gl.glActiveTexture(GLenum(GL_TEXTURE0) + GLenum(unit))
      for value in perUnit {
        let name = Self.name(value)
        if name.hasPrefix("GL_TEXTURE_COORD_ARRAY") { continue }
        if unit >= coordinateUnits,
          ["GL_TEXTURE_MATRIX", "GL_TEXTURE_STACK_DEPTH", "GL_CURRENT_TEXTURE_COORDS"].contains(name)
        {
          continue
        }
        keep("unit \(unit) \(name)", GLint.self) { gl.glGetIntegerv(value, $0) }
      }
      for value in ofTexture where unit == 0 || unit == 5 {
        keep("unit \(unit) texture \(Self.name(value))", GLint.self) {
          gl.glGetTexParameteriv(GLenum(GL_TEXTURE_2D), value, $0)
        }
      }
      if let get: GetOfName = app.function("glGetSamplerParameteriv"), app.gl.features.hasSamplers {
        let sampler = GLuint(bitPattern: app.gl.integer(GL_SAMPLER_BINDING))
        for value in ofSampler where sampler != 0 {
          keep("unit \(unit) sampler \(Self.name(value))", GLint.self) { get(sampler, value, $0) }
        }
      }
      guard unit < coordinateUnits else { continue }
      typealias GetInts = @convention(c) (GLenum, GLenum, UnsafeMutablePointer<GLint>?) -> Void
      if let get: GetInts = app.function("glGetTexEnviv") {
        for (target, value) in ofEnvironment {
          keep("unit \(unit) \(Self.name(target)) \(Self.name(value))", GLint.self) { get(target, value, $0) }
        }
      }
      if let get: GetInts = app.function("glGetTexGeniv") {
        for (target, value) in ofCoordinate {
          keep("unit \(unit) \(Self.name(target)) \(Self.name(value))", GLint.self) { get(target, value, $0) }
        }
      }
      setClientUnit?(GLenum(GL_TEXTURE0) + GLenum(unit))
      for value in perUnit where Self.name(value).hasPrefix("GL_TEXTURE_COORD_ARRAY") {
        keep("unit \(unit) \(Self.name(value))", GLint.self) { gl.glGetIntegerv(value, $0) }
      }
    }
    setClientUnit?(clientUnit)
    gl.glActiveTexture(active)
  }

  private func readFramebuffers(
    _ keep: (@autoclosure () -> String, GLint.Type, (UnsafeMutablePointer<GLint>) -> Void) -> Void
  ) {
    let (draw, read) = framebufferBindings
    let perFramebuffer = single.filter {
      let name = Self.name($0)
      return name.hasPrefix("GL_DRAW_BUFFER") || name == "GL_READ_BUFFER"
    }
    let attachments = app.gl.features.maximumColorAttachments
    for framebuffer in Set(framebuffers + [0]) {
      gl.glBindFramebuffer(GLenum(GL_FRAMEBUFFER), framebuffer)
      for value in perFramebuffer {
        keep("framebuffer \(framebuffer) \(Self.name(value))", GLint.self) { gl.glGetIntegerv(value, $0) }
      }
      guard framebuffer != 0, let get: GetAttachment = app.function("glGetFramebufferAttachmentParameteriv") else {
        continue
      }
      for value in ofAttachment {
        for index in 0..<attachments {
          keep("framebuffer \(framebuffer) attachment \(index) \(Self.name(value))", GLint.self) {
            get(GLenum(GL_FRAMEBUFFER), GLenum(GL_COLOR_ATTACHMENT0) + GLenum(index), value, $0)
          }
        }
      }
    }
    bind(draw, read)
  }

  /// What differs, in words.
  package static func differences(_ before: State, _ after: State) -> [String] {
    Set(before.keys).union(after.keys).sorted().compactMap { name in
      let (old, new) = (before[name], after[name])
      if old == new { return nil }
      func text(_ words: [UInt64]?) -> String {
        words.map { "[" + $0.prefix(8).map { String($0, radix: 16) }.joined(separator: " ") + "]" } ?? "nothing"
      }
      return "\(name): \(text(old)) became \(text(new))"
    }
  }
}
