public import CInterface
internal import InteropDrivers
internal import Producers
internal import WebGPUInterop

extension glvk_webgpu: Handle { typealias Object = WebGPUObject }

/// The object behind a `glvk_webgpu`.
final class WebGPUObject: HandleObject {
  static let kind = HandleKind.webGPU
  let interop: WebGPUInterop

  init(_ interop: WebGPUInterop) { self.interop = interop }
}

@c @implementation
public func glvk_webgpu_create(
  _ options: UnsafePointer<glvk_webgpu_options>!, _ out: UnsafeMutablePointer<glvk_webgpu>!
) -> glvk_result {
  make(out) {
    let options = try SizedStruct.readRequired(options, "options")
    let (context, host) = (try options.context.object(), try options.host.object())
    let device = try required(options.device, "device")
    let library: WebGPULibrary
    switch (options.library, options.get_proc_address) {
    case (nil, nil): library = .loaded
    case (let path?, nil): library = .path(String(cString: path))
    case (nil, let getProcAddress?):
      let user = UserData(pointer: options.user_data)
      library = .functions(
        FunctionResolver(source: "get_proc_address") { name in name.withCString { getProcAddress(user.pointer, $0) } })
    case (_?, _?):
      throw invalidArgument("check library", "library and get_proc_address are both given", "Give one of them")
    }
    try context.checkCurrent("share textures with WebGPU")
    let adopted = try WebGPUDevice(adopting: device, library: library)
    return WebGPUObject(try WebGPUInterop(adopted, gl: context.gl, host: host.host))
  }
}

@c @implementation
public func glvk_webgpu_destroy(_ webgpu: glvk_webgpu) -> glvk_result { report { try webgpu.remove() } }

@c @implementation
public func glvk_webgpu_get_info(_ webgpu: glvk_webgpu, _ out: UnsafeMutablePointer<glvk_webgpu_info>!) -> glvk_result {
  report {
    let interop = try webgpu.object().interop
    let out = try SizedStruct.checkOut(out, "out")
    var info = glvk_webgpu_info()
    info.path = Numbers.path.number(interop.path)
    info.sync = Numbers.sync.number(interop.sync)
    info.refusal_count = UInt32(interop.refusals.count)
    copy(interop.device.adapterName, into: &info.adapter_name)
    SizedStruct.write(info, to: out)
  }
}

@c @implementation
public func glvk_webgpu_get_refusal(
  _ webgpu: glvk_webgpu, _ index: UInt32, _ buffer: UnsafeMutablePointer<CChar>!, _ capacity: Int,
  _ size: UnsafeMutablePointer<Int>!
) -> glvk_result {
  report {
    let refusals = try webgpu.object().interop.refusals
    guard index < refusals.count else {
      throw invalidArgument("check index", "index is \(index), and there are \(refusals.count)")
    }
    let text = refusals[Int(index)].description.utf8.map { CChar(bitPattern: $0) } + [0]
    try put(text, buffer, capacity, size, "buffer")
  }
}

@c @implementation
public func glvk_webgpu_begin_frame(
  _ webgpu: glvk_webgpu, _ frame: glvk_frame, _ texture: UnsafeMutablePointer<UnsafeMutableRawPointer?>!
) -> glvk_result {
  report {
    let interop = try webgpu.object().interop
    let texture = try required(texture, "texture")
    try frame.hold("give the frame to WebGPU") { frame throws(InteropError) in
      texture.pointee = try interop.beginAccess(frame)
    }
  }
}

@c @implementation
public func glvk_webgpu_end_frame(_ webgpu: glvk_webgpu, _ frame: glvk_frame) -> glvk_result {
  report {
    let interop = try webgpu.object().interop
    try frame.end("take the frame back") { frame throws(InteropError) in try interop.endAccess(frame) }
  }
}

@c @implementation
public func glvk_webgpu_begin_target(
  _ webgpu: glvk_webgpu, _ target: glvk_target, _ texture: UnsafeMutablePointer<UnsafeMutableRawPointer?>!
) -> glvk_result {
  report {
    let interop = try webgpu.object().interop
    let texture = try required(texture, "texture")
    try target.use("give the target to WebGPU") { target in texture.pointee = try interop.beginAccess(target) }
  }
}

@c @implementation
public func glvk_webgpu_end_target(
  _ webgpu: glvk_webgpu, _ target: glvk_target, _ present: UnsafePointer<glvk_present_options>!,
  _ out: UnsafeMutablePointer<glvk_gl_frame>!
) -> glvk_result {
  target.show("take the target back", present, out) { target throws(InteropError) in
    try webgpu.object().interop.endAccess(target)
  }
}
