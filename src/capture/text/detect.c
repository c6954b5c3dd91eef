/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which kind of text this is.  Headers say so ("# tracer: nop", "cpus=2", "# captured on"); where
 * they are missing, the first events do, by how they are printed.
 */
#include "capture/text/scan.h"
#include "capture/text/text.h"

#define EXAMPLE                                                                                    \
	"'bash-1671 [001] d..1. 204.946391: ioremap: (ioremap_prot+0x0/0x100) phys=0x8000000'"
#define EXPECTED                                                                                   \
	"expected the text of ftrace, trace-cmd report or perf script, with lines such as " EXAMPLE
#define REMAKE "make the text with perf script without -F, or with -F comm,tid,cpu,time,event,trace"

enum {
	/* How far the first event is looked for. */
	DETECT_WINDOW = 1024 * 1024,
	/* How far perf's times are checked when the first one is zero. */
	DELTA_WINDOW = 64 * 1024,
	QUOTE_MAX = 60,
};

struct detection {
	bool has_kind;
	enum text_kind kind;
	prefix_parser *parse_prefix; /* NULL before the first event */
	struct prefix first;	     /* of the first event */
	bool has_event;		     /* with a name */
	bool has_header;
	bool has_timeless; /* events of perf without times */
	bool has_other;	   /* lines that are nothing we know */
	uint64_t nr_events;
	uint64_t nr_backwards; /* events before the one before them */
	uint64_t last_time;
	char quoted_line[QUOTE_MAX + 1];
};

/* Keeps the start of the first line, and rather of the first that is not understood. */
static void quote_line(struct detection *found, struct str line, bool is_other)
{
	if (found->quoted_line[0] && (!is_other || found->has_other))
		return;
	memset(found->quoted_line, 0, sizeof(found->quoted_line));
	line = str_first(line, QUOTE_MAX);
	for (size_t i = 0; i < line.length; i++) {
		bool is_printable = line.text[i] >= ' ' && line.text[i] <= '~';

		found->quoted_line[i] = is_printable ? line.text[i] : '?';
	}
}

static void set_kind(struct detection *found, enum text_kind kind)
{
	if (!found->has_kind)
		found->kind = kind;
	found->has_kind = true;
}

static void detect_comment(struct detection *found, struct str line)
{
	static const struct {
		const char *start;
		enum text_kind kind;
	} headers[] = {
		{"# tracer:", TEXT_FTRACE},
		{"# entries-in-buffer/", TEXT_FTRACE},
		{"# ========", TEXT_PERF},
		{"# captured on", TEXT_PERF},
	};

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		if (!str_starts(line, str_from(headers[i].start)))
			continue;
		set_kind(found, headers[i].kind);
		found->has_header = true;
	}
}

/* "perf  190 [000]   pgt:pud_alloc: ...": what perf script prints without -F time. */
static bool is_timeless(struct str line)
{
	size_t bracket = find_char(line, '[');
	struct str rest = str_skip(line, bracket + 1);
	uint64_t cpu;

	if (!take_decimal(&rest, &cpu) || !take_text(&rest, STR("] ")))
		return false;
	rest = skip_spaces(rest);
	return last_char(take_word(&rest)) == ':';
}

/*
 * The kernel prints one space after an event's name and "0x" before a bare address; trace-cmd pads
 * short names, and prints addresses bare.
 */
static void detect_by_body(struct detection *found, struct str body)
{
	enum {
		PADDED_NAME = 20
	};
	struct shape_key key;
	struct location location;

	shapes_take_key(&body, &key);
	if (!key.name.length)
		return;
	bool is_short = key.name.length < PADDED_NAME;
	bool is_padded = is_short && str_starts(str_skip(key.text, key.name.length), STR(":  "));

	if (!key.location.length)
		is_padded = is_short && str_starts(body, STR("  "));
	bool is_place = location_parse(key.location, false, &location);

	if (is_padded ||
	    (is_place && !location.symbol.length && !str_starts(key.location, STR("0x"))))
		set_kind(found, TEXT_TRACE_CMD);
	else if (is_short || is_place)
		set_kind(found, TEXT_FTRACE);
}

/* The parser that fits the first event. */
static prefix_parser *find_parser(const struct detection *found, struct str line,
				  struct prefix *prefix)
{
	bool may_be_perf = !found->has_kind || found->kind == TEXT_PERF;
	bool may_be_other = !found->has_kind || found->kind != TEXT_PERF;

	/* perf's "   :-1    -1 [000]" also looks like a task whose name ends with a space. */
	if (may_be_perf && prefix_perf(line, prefix) && (!may_be_other || prefix->pid == -1))
		return prefix_perf;
	if (may_be_other && prefix_ftrace(line, prefix))
		return prefix_ftrace;
	if (may_be_other && prefix_latency(line, prefix))
		return prefix_latency;
	return may_be_perf && prefix_perf(line, prefix) ? prefix_perf : NULL;
}

static bool detect_prefix(struct detection *found, struct str line, struct prefix *prefix)
{
	found->parse_prefix = find_parser(found, line, prefix);
	if (!found->parse_prefix)
		return false;
	if (found->parse_prefix == prefix_perf)
		set_kind(found, TEXT_PERF);
	found->first = *prefix;
	found->last_time = prefix->time;
	return true;
}

static void detect_other(struct detection *found, struct str line)
{
	struct text_loss loss;

	if (text_is_trace_cmd_header(line)) {
		set_kind(found, TEXT_TRACE_CMD);
		found->has_header = true;
	} else if (!text_parse_loss(line, &loss)) {
		found->has_timeless |= is_timeless(line);
		quote_line(found, line, true);
		found->has_other = true;
	}
}

static void detect_event(struct detection *found, struct prefix *prefix)
{
	struct str body = text_skip_to_name(found->kind, prefix->body);
	struct shape_key key;

	found->nr_events++;
	found->nr_backwards += prefix->time < found->last_time;
	found->last_time = prefix->time;
	if (!found->has_kind)
		detect_by_body(found, body);
	shapes_take_key(&body, &key);
	found->has_event |= key.name.length > 0 || str_starts(key.text, STR("PERF_RECORD_"));
}

static void detect_line(struct detection *found, struct str line)
{
	struct prefix prefix;

	quote_line(found, line, false);
	line = text_skip_indent(line);
	if (text_is_comment(line))
		detect_comment(found, line);
	else if (found->parse_prefix ? found->parse_prefix(line, &prefix)
				     : detect_prefix(found, line, &prefix))
		detect_event(found, &prefix);
	else
		detect_other(found, line);
}

static bool is_settled(const struct detection *found, size_t seen)
{
	if (!found->has_kind || !found->has_event)
		return false;
	return found->kind != TEXT_PERF || found->first.time > 0 || seen > DELTA_WINDOW;
}

/* Reads the start of the text and goes back.  False when reading fails. */
static bool scan_start(struct capture *capture, struct detection *found, struct error **err)
{
	struct input *input = &capture->input;
	enum line_step step = LINE_OK;
	struct str line;
	size_t seen = 0;

	input_mark(input);
	while (!is_settled(found, seen) && seen < DETECT_WINDOW) {
		step = input_line(input, &line, err);
		if (step != LINE_OK)
			break;
		seen = input_since_mark(input).length;
		if (line.length)
			detect_line(found, line);
	}
	input_rewind(input);
	return step != LINE_ERROR;
}

/* What is wrong with the text, or NULL. */
static struct error *check(const struct detection *found)
{
	enum {
		ONE_IN = 8
	};

	bool has_events = found->parse_prefix != NULL;

	if (!found->quoted_line[0])
		return error_create(ERROR_FORMAT, "the input is empty; " EXPECTED);
	if (!has_events && found->has_timeless)
		return error_create(ERROR_FORMAT, "the events have no times; " REMAKE);
	if (has_events && !found->has_event && found->kind == TEXT_PERF)
		return error_create(ERROR_FORMAT, "the events have no names; " REMAKE);
	if (!has_events && (!found->has_header || found->has_other))
		return error_create(ERROR_FORMAT, "no event was found; " EXPECTED "; not '%s'",
				    found->quoted_line);
	if (has_events && found->kind == TEXT_PERF && found->first.time == 0 &&
	    found->nr_backwards * ONE_IN > found->nr_events)
		return error_create(ERROR_FORMAT,
				    "the times are differences (perf script --deltatime), from "
				    "which the order of events cannot be told; make the text "
				    "without that option");
	return NULL;
}

static uint64_t resolution(const struct prefix *first)
{
	uint64_t step = 1;

	if (first->unit == TIME_MICROSECONDS)
		return 1000;
	for (unsigned int i = first->decimals; first->unit == TIME_SECONDS && i < 9; i++)
		step *= 10;
	return step;
}

struct error *text_detect(struct capture *capture, struct text_reader *reader)
{
	struct detection found = {.kind = TEXT_FTRACE};
	struct error *err = NULL;

	if (!scan_start(capture, &found, &err))
		return err;
	err = check(&found);
	if (err)
		return err;
	reader->kind = found.kind;
	reader->parse_prefix = found.parse_prefix;
	if (!reader->parse_prefix)
		reader->parse_prefix = found.kind == TEXT_PERF ? prefix_perf : prefix_ftrace;
	reader->unit = found.first.unit;
	capture->info.clock_is_ticks = found.parse_prefix && reader->unit == TIME_TICKS;
	capture->info.time_resolution = found.parse_prefix ? resolution(&found.first) : 1;
	return NULL;
}
