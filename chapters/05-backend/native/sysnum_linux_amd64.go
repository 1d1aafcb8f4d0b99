package native

const sysMemfdCreate = 319 // package syscall does not have it
