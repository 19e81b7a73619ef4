/* Points in time as text; see when.h. Days are counted as in Howard Hinnant's civil calendar. */
#include "model/when.h"

/* The digits [from .. from+n-1] of the text as a number; -1 if one of them is no digit. */
static int number_at(struct slice text, size_t from, size_t n)
{
	int value = 0;

	for (size_t i = from; i < from + n; i++) {
		if (i >= text.len || text.at[i] < '0' || text.at[i] > '9')
			return -1;
		value = value * 10 + (text.at[i] - '0');
	}
	return value;
}

static bool char_at(struct slice text, size_t at, char c)
{
	return at < text.len && text.at[at] == (uint8_t)c;
}

static int days_in_month(int year, int month)
{
	static const uint8_t days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* Days from 1970-01-01 to the given day; years begin in March here, so that leap days come last. */
static int64_t days_from_civil(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400, yoe = y - era * 400;
	int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* "YYYY-MM-DD" at the start of the text: the second that day begins. */
static bool date_parse(struct slice text, int64_t *out)
{
	int year = number_at(text, 0, 4), month = number_at(text, 5, 2),
	    day = number_at(text, 8, 2);

	if (year < 1970 || month < 1 || month > 12 || day < 1 || !char_at(text, 4, '-') ||
		!char_at(text, 7, '-') || day > days_in_month(year, month))
		return false;
	*out = days_from_civil(year, month, day) * WHEN_DAY;
	return true;
}

bool when_parse(struct slice text, int64_t *out)
{
	int hour = number_at(text, 11, 2), minute = number_at(text, 14, 2);
	int second = number_at(text, 17, 2);
	int64_t start;

	if (text.len != WHEN_SIZE - 1 || !date_parse(text, &start) || !char_at(text, 10, 'T') ||
		!char_at(text, 13, ':') || !char_at(text, 16, ':') || !char_at(text, 19, 'Z') ||
		hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return false;
	*out = start + hour * 3600 + minute * 60 + second;
	return true;
}

bool when_parse_end(struct slice text, int64_t *out, bool *date)
{
	*date = text.len == 10;
	if (!*date)
		return when_parse(text, out);
	if (!date_parse(text, out))
		return false;
	*out += WHEN_DAY;
	return true;
}

static void put_number(char *out, int64_t value, int digits)
{
	for (int i = digits - 1; i >= 0; i--, value /= 10)
		out[i] = (char)('0' + value % 10);
}

void when_text(int64_t when, char out[static WHEN_SIZE])
{
	int64_t shown = when < WHEN_MAX ? when : WHEN_MAX - 1;
	int64_t days = shown / WHEN_DAY, rest = shown % WHEN_DAY;
	int64_t z = days + 719468, era = z / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int64_t month = mp < 10 ? mp + 3 : mp - 9;

	memcpy(out, "0000-00-00T00:00:00Z", WHEN_SIZE);
	put_number(out, yoe + era * 400 + (month <= 2), 4);
	put_number(out + 5, month, 2);
	put_number(out + 8, doy - (153 * mp + 2) / 5 + 1, 2);
	put_number(out + 11, rest / 3600, 2);
	put_number(out + 14, rest / 60 % 60, 2);
	put_number(out + 17, rest % 60, 2);
}

bool duration_parse(struct slice text, uint32_t max, uint32_t *out)
{
	uint32_t unit = char_at(text, text.len - 1, 'h') ? 3600 : 60;
	int value;

	if (text.len < 2 || text.len > 5 || text.at[0] == '0')
		return false;
	value = number_at(text, 0, text.len - 1);
	if (value <= 0 || (unit == 60 && !char_at(text, text.len - 1, 'm')))
		return false;
	*out = (uint32_t)value * unit;
	return *out <= max;
}
