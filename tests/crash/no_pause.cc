// After an error RocksDB's threads wait for a second, in case it passes. Here none does; this
// stands before the C library's.
extern "C" int NoPause(unsigned) __asm__("usleep");
extern "C" int NoPause(unsigned) { return 0; }
