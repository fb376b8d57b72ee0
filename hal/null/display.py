"""No display: drawing has no effect."""


class Display:
    def __init__(self, width: int = 128, height: int = 64):
        self.width = width
        self.height = height

    def fill(self, color: int) -> None:
        pass

    def pixel(self, x: int, y: int, color: int) -> None:
        pass

    def hline(self, x: int, y: int, width: int, color: int) -> None:
        pass

    def vline(self, x: int, y: int, height: int, color: int) -> None:
        pass

    def fill_rect(self, x: int, y: int, width: int, height: int, color: int) -> None:
        pass

    def blit(self, source, x: int, y: int) -> None:
        pass

    def show(self, part: bool = False) -> bool:
        return False

    def contrast(self, percent: int) -> None:
        pass

    def power(self, on: bool) -> None:
        pass
