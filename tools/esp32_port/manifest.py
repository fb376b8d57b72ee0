# What every ESP32 image has frozen and the phone needs.
include("$(MPY_DIR)/extmod/asyncio")
