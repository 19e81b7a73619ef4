/* A QR code on a terminal. */
#ifndef ADPERM_CLI_QR_H
#define ADPERM_CLI_QR_H

#include "base/buf.h"

/*
 * Draws `text` in UTF-8 half blocks, dark on light in colours of its own, so that it reads the same
 * on any terminal; adds it to *out if it needs at most `lines` lines of `columns` columns. False if
 * it does not fit, or memory is short. The caller wipes *out if the text was a secret.
 */
bool qr_draw(const char *text, unsigned lines, unsigned columns, struct buf *out);

#endif
