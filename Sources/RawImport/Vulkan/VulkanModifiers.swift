package import InteropDrivers

// The modifiers that a device reports for a format. They are claims: each is tried with an image of that size.

extension VulkanHost {
  /// The features of a format in memory of one modifier.
  package struct ModifierFeatures: Sendable, Hashable {
    package let modifier: DRMModifier
    /// The number of memory planes, compression planes included.
    package let planeCount: Int
    package let features: VkFormatFeatureFlags
  }

  /// Returns the modifiers the device has for a format, in its order; empty without VK_EXT_image_drm_format_modifier.
  ///
  /// The corresponding C structure is `VkDrmFormatModifierPropertiesListEXT`.
  package func modifierFeatures(of format: VkFormat) -> [ModifierFeatures] {
    guard enabledDeviceExtensions.contains("VK_EXT_image_drm_format_modifier") else { return [] }
    var chain = StructChain()
    var list = VkDrmFormatModifierPropertiesListEXT()
    list.sType = VK_STRUCTURE_TYPE_DRM_FORMAT_MODIFIER_PROPERTIES_LIST_EXT
    let answer = chain.add(list)
    func ask() {
      var properties = VkFormatProperties2()
      properties.sType = VK_STRUCTURE_TYPE_FORMAT_PROPERTIES_2
      properties.pNext = UnsafeMutableRawPointer(answer)
      instanceFunctions.vkGetPhysicalDeviceFormatProperties2(physicalDevice, format, &properties)
    }
    ask()
    let count = Int(answer.pointee.drmFormatModifierCount)
    guard count > 0 else { return [] }
    let found = chain.add(contentsOf: [VkDrmFormatModifierPropertiesEXT](repeating: .init(), count: count))
    answer.pointee.pDrmFormatModifierProperties = found
    ask()
    return (0..<min(count, Int(answer.pointee.drmFormatModifierCount))).map { index in
      ModifierFeatures(
        modifier: DRMModifier(rawValue: found[index].drmFormatModifier),
        planeCount: Int(found[index].drmFormatModifierPlaneCount),
        features: found[index].drmFormatModifierTilingFeatures)
    }
  }
}
