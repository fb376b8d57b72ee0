"""Changes an object of llvm-mc to the form that MicroPython's linker of native modules (mpy_ld.py) expects.

The linker was written for the output of GNU as, which differs in two places.
"""

import struct
from pathlib import Path
from typing import Any

R_XTENSA_32 = 1
R_XTENSA_SLOT0_OP = 20
L32R = 0x1  # the lower four bits of the instruction


def fix(path: Path) -> None:
    """Rewrite the object in place."""
    from elftools.elf.elffile import ELFFile

    content = bytearray(path.read_bytes())
    with path.open("rb") as file:
        elf: Any = ELFFile(file)
        symbols = elf.get_section_by_name(".symtab")
        for relocations in elf.iter_sections(type="SHT_RELA"):
            target = elf.get_section(relocations["sh_info"])
            name = target.name
            for index, relocation in enumerate(relocations.iter_relocations()):
                place = target["sh_offset"] + relocation["r_offset"]
                entry = relocations["sh_offset"] + index * relocations["sh_entsize"]
                symbol = symbols.get_symbol(relocation["r_info_sym"])
                kind = relocation["r_info_type"]
                of_section = symbol["st_info"]["type"] == "STT_SECTION"
                if name.startswith(".literal") and kind == R_XTENSA_32 and of_section:
                    move_addend(content, place, entry + 8)
                elif name.startswith(".text") and kind == R_XTENSA_SLOT0_OP and content[place] & 15 == L32R:
                    # The linker adds to the distance in the instruction; llvm-mc leaves -1 there.
                    content[place + 1 : place + 3] = b"\0\0"
    path.write_bytes(content)


def move_addend(content: bytearray, place: int, addend_at: int) -> None:
    """Move an offset into a section from the relocation, as llvm-mc has it, to the word, as GNU as has it."""
    (word,) = struct.unpack_from("<I", content, place)
    (addend,) = struct.unpack_from("<i", content, addend_at)
    struct.pack_into("<I", content, place, (word + addend) & 0xFFFFFFFF)
    struct.pack_into("<i", content, addend_at, 0)
