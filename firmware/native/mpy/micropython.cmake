# For a port that is built with CMake, as the ESP32's: -DUSER_C_MODULES=<here>/firmware/native/mpy/micropython.cmake

add_library(usermod_voice_core INTERFACE)
target_sources(usermod_voice_core INTERFACE ${CMAKE_CURRENT_LIST_DIR}/voice_core.c ${CMAKE_CURRENT_LIST_DIR}/srtp_core.c
    ${CMAKE_CURRENT_LIST_DIR}/wide_core.c ${CMAKE_CURRENT_LIST_DIR}/echo_core.c
    ${CMAKE_CURRENT_LIST_DIR}/heap_growth.c)
target_link_options(usermod_voice_core INTERFACE -Wl,--wrap=gc_get_max_new_split)
target_link_libraries(usermod INTERFACE usermod_voice_core)
