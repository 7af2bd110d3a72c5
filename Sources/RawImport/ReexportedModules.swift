// DMABuf, SyncFile, PixelSize and the rest of what is below: users of this module name them without another import.
@_exported public import LinuxBuffers
