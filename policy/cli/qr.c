/*
 * A QR code on a terminal; see qr.h. One character stands for two squares, one above the other. The
 * light ones are drawn, in bright white on black, since nobody knows the terminal's own colours.
 */
#include "cli/qr.h"

#include <qrencode.h>
#include <string.h>

#define MARGIN 2 /* squares around it; scanners want some light there */

/* Is the square light? Outside of the code all are. */
static bool is_light(const QRcode *code, int row, int column)
{
	if (row < 0 || column < 0 || row >= code->width || column >= code->width)
		return true;
	return (code->data[row * code->width + column] & 1) == 0;
}

static void draw_line(const QRcode *code, int row, struct buf *out)
{
	static const char *const squares[2][2] = { { " ", "\u2584" }, { "\u2580", "\u2588" } };

	buf_bytes(out, "\033[40;97m", 8);
	for (int column = -MARGIN; column < code->width + MARGIN; column++) {
		const char *square =
			squares[is_light(code, row, column)][is_light(code, row + 1, column)];

		buf_bytes(out, square, strlen(square));
	}
	buf_bytes(out, "\033[0m\n", 5);
}

bool qr_draw(const char *text, unsigned lines, unsigned columns, struct buf *out)
{
	/* Stretches of capitals and digits, as a secret in base32, take less room than other bytes.
	 */
	QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
	unsigned size = code != NULL ? (unsigned)code->width + 2 * MARGIN : 0;
	bool fits = code != NULL && size <= columns && (size + 1) / 2 <= lines;

	for (int row = -MARGIN; fits && row < code->width + MARGIN; row += 2)
		draw_line(code, row, out);
	if (code != NULL)
		explicit_bzero(code->data, (size_t)code->width * (size_t)code->width);
	QRcode_free(code);
	return fits && !out->failed;
}
