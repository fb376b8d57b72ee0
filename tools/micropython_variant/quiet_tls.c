// Distributions build mbedtls with its debug output, and MicroPython then turns that up. The linker sends
// the call here instead (--wrap in mpconfigvariant.mk).
void __wrap_mbedtls_debug_set_threshold(int threshold);

void __wrap_mbedtls_debug_set_threshold(int threshold) {
    (void)threshold;
}
