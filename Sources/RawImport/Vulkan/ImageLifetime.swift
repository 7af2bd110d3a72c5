internal import InteropDrivers

/// Holds an image's identity, its views and the handlers for its end, for as long as the image lives.
///
/// The end comes when nothing holds the image any more, so nothing can be made of it afterwards, and before anything of
/// it is destroyed. Any thread.
/// it is destroyed. Any thread.
package final class ImageLifetime: Sendable {
  package let id = ImageID.next()

  private let state = Mutex(State())
  /// Whether the application has seen ``id``.
  private let isKnown = Atomic<Bool>(false)

  private struct State {
    var views: [View] = []
    var handlers: [@Sendable (ImageID) -> Void] = []
    var notice: RetirementNotice?
    var hasEnded = false
  }

  /// Arrays hold no noncopyable values.
  private final class View: @unchecked Sendable {
    let format: VkFormat
    let components: VkComponentMapping
    let object: VulkanComputeObject

    init(_ format: VkFormat, _ components: VkComponentMapping, _ object: consuming VulkanComputeObject) {
      self.format = format
      self.components = components
      self.object = object
    }
  }

  package init() {}

  deinit { end() }

  // MARK: Its end

  /// Marks the image as seen by the application, so that its end is reported.
  package func becomesKnown() {
    if !isKnown.load(ordering: .relaxed) { isKnown.store(true, ordering: .releasing) }
  }

  /// Sets the notice that is told if the application has seen the image.
  package func belongs(to notice: RetirementNotice) { state.withLock { $0.notice = notice } }

  /// Adds a handler, which is called once, at the end.
  package func onEnd(_ handler: @escaping @Sendable (ImageID) -> Void) {
    state.withLock { $0.handlers.append(handler) }
  }

  /// Calls the handlers, then destroys the views. The owner of the image calls it once, before it destroys anything
  /// else.
  package func end() {
    let (handlers, notice) = state.withLock { state -> ([@Sendable (ImageID) -> Void], RetirementNotice?) in
      if state.hasEnded { return ([], nil) }
      state.hasEnded = true
      defer { (state.handlers, state.notice) = ([], nil) }
      return (state.handlers, state.notice)
    }
    for handler in handlers { handler(id) }
    if isKnown.load(ordering: .acquiring) { notice?.tell(id) }
    // No caller can ask for another view any more.
    let views = state.withLock { state in
      defer { state.views = [] }
      return state.views
    }
    _ = consume views
  }

  // MARK: Views

  /// Returns the view that was made before, or makes one with `make`.
  func view(
    _ format: VkFormat, _ components: VkComponentMapping, make: () throws(InteropError) -> VulkanComputeObject
  ) throws(InteropError) -> VkImageView {
    try state.withLock { (state) throws(InteropError) in
      if let known = state.views.first(where: { $0.format == format && $0.components.isEqual(to: components) }) {
        return known.object.handle
      }
      let made = View(format, components, try make())
      state.views.append(made)
      return made.object.handle
    }
  }
}

extension VkComponentMapping {
  func isEqual(to other: VkComponentMapping) -> Bool { r == other.r && g == other.g && b == other.b && a == other.a }
}
