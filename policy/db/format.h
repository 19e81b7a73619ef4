/*
 * The compiled database: a file in the public cdb format (cr.yp.to/cdb/cdb.txt), whose values carry
 * a checksum. All numbers are little-endian.
 *
 *	     0  256 table pointers: position, slots                 2048 bytes
 *	  2048  the meta record: klen 1, dlen, "!", value            always the first
 *	        the other records: klen, dlen, key, value
 *	        256 hash tables of (hash, position) slots, the last one ending the file
 *
 *	key   = kind (1 byte, enum record_kind), name [, NUL, second name]
 *	value = payload, SipHash-2-4(salt, key then payload)         8 bytes
 *
 * The salt stands in the meta record (whose own checksum has a salt of zeros) and differs from
 * compile to compile, so that a record of another database is damage, not an answer.
 *
 * Payloads; text is a 16-bit length and that many bytes, net is family (4 or 6), prefix bits, and 4
 * or 16 octets:
 *
 *	meta     "adpermdb", format 4, generation 8, not_after 8, built_from 32, catalogue 32,
 *	         salt 16, text server
 *	holding  flags 1, files 2, accounts 4, nets 4, grants 4, own nets 4, file 4,
 *	         line 4, text owner, text file ..., text account ..., net ..., grant ...
 *	grant    perms 8, account 4, flags 1, grace 4, until 8, first net 4, nets 4, file 4, line 4
 *	login    text profile
 *	key      text profile, text type, text blob
 *	account  flags 1, text server
 *	server   text owner
 *
 * A holding under an empty server name says what is true of the profile wherever it holds nothing.
 * The records for the tool alone are laid out in written.h.
 */
#ifndef ADPERM_DB_FORMAT_H
#define ADPERM_DB_FORMAT_H

#define DB_MAGIC         "adpermdb"
#define DB_MAGIC_SIZE    8
#define DB_TABLES        256
#define DB_TABLE_SIZE    8    /* position and slots */
#define DB_HEAD_SIZE     2048 /* the table pointers */
#define DB_SLOT_SIZE     8
#define DB_RECORD_HEAD   8 /* klen and dlen */
#define DB_CHECKSUM_SIZE 8
#define DB_RECORD_MAX    (16u << 20) /* bytes of one value; the writer refuses more */

#define HOLDING_SUSPENDED 1
#define HOLDING_MACHINE   2
#define GRANT_OWNERSHIP   1
#define GRANT_2FA         2
#define GRANT_SIZE        41
#define ACCOUNT_SSH_2FA   1

#endif
