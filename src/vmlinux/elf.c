/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF kernel images: vmlinux, and the core file that /proc/kcore is. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <gelf.h>

#include "base/try.h"
#include "vmlinux/elf.h"

/* Bits of an address that sections of a relocatable object are kept apart by. */
enum {
	BASE_SHIFT = 40,
};

struct error *elf_fault(const char *what)
{
	const char *why = elf_errmsg(-1);

	return error_create(ERROR_FORMAT, "%s: %s; is the file complete?", what,
			    why ? why : "not as ELF has it");
}

static struct error *check_header(struct image *image, const GElf_Ehdr *header)
{
	if (gelf_getclass(image->elf) != ELFCLASS64)
		return error_create(ERROR_FORMAT,
				    "is a 32-bit ELF file: an arm64 kernel's vmlinux is wanted");
	if (header->e_machine != EM_AARCH64)
		return error_create(
			ERROR_FORMAT,
			"is an ELF file of another machine (number %u): an arm64 kernel's "
			"vmlinux is wanted",
			header->e_machine);
	image->big_endian = header->e_ident[EI_DATA] == ELFDATA2MSB;
	image->is_relocatable = header->e_type == ET_REL;
	image->is_running = header->e_type == ET_CORE;
	return NULL;
}

static struct error *check_extent(const struct image *image, uint64_t offset, uint64_t size,
				  const char *what, const char *name)
{
	if (offset <= image->file_size && size <= image->file_size - offset)
		return NULL;
	return error_create(ERROR_FORMAT,
			    "the %s %s goes on behind the end of the file; is the file complete?",
			    what, name);
}

static struct error *add_section(struct image *image, size_t names, Elf_Scn *section)
{
	GElf_Shdr header;

	if (!gelf_getshdr(section, &header))
		return elf_fault("a section header cannot be read");
	if (!(header.sh_flags & SHF_ALLOC) || header.sh_type == SHT_NOBITS || header.sh_size == 0)
		return NULL;
	const char *name = elf_strptr(image->elf, names, header.sh_name);
	uint32_t number = (uint32_t)elf_ndxscn(section);
	uint64_t base = image->is_relocatable ? (uint64_t)number << BASE_SHIFT : 0;
	struct region region = {
		.address = base + header.sh_addr,
		.size = header.sh_size,
		.offset = header.sh_offset,
		.base = base,
		.is_code = header.sh_flags & SHF_EXECINSTR,
		.name = name ? name : "",
		.section = number,
	};

	TRY(check_extent(image, region.offset, region.size, "section", region.name));
	return array_push(&image->regions, region) ? NULL : error_memory();
}

static struct error *add_sections(struct image *image, size_t count)
{
	size_t names;

	if (elf_getshdrstrndx(image->elf, &names) != 0)
		return elf_fault("the sections' names cannot be found");
	for (size_t i = 1; i < count; i++) {
		Elf_Scn *section = elf_getscn(image->elf, i);

		if (!section)
			return elf_fault("the section headers cannot be read");
		TRY(add_section(image, names, section));
	}
	return NULL;
}

/* Of a core file, and of an image whose section headers were stripped. */
static struct error *add_segments(struct image *image)
{
	size_t count;

	if (elf_getphdrnum(image->elf, &count) != 0)
		return elf_fault("the program headers cannot be read");
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr header;

		if (!gelf_getphdr(image->elf, (int)i, &header))
			return elf_fault("a program header cannot be read");
		if (header.p_type != PT_LOAD || header.p_filesz == 0)
			continue;
		struct region region = {
			.address = header.p_vaddr,
			.size = header.p_filesz,
			.offset = header.p_offset,
			.is_code = header.p_flags & PF_X,
			.name = "",
		};

		/* kcore's cover what memory there may be, and its size is no bound. */
		if (!image->is_running)
			TRY(check_extent(image, region.offset, region.size, "segment", ""));
		if (!array_push(&image->regions, region))
			return error_memory();
	}
	return NULL;
}

struct error *image_open_elf(struct image *image)
{
	GElf_Ehdr header;
	size_t sections;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return elf_fault("libelf is too old");
	image->elf = elf_begin(image->fd, ELF_C_READ, NULL);
	if (!image->elf || elf_kind(image->elf) != ELF_K_ELF || !gelf_getehdr(image->elf, &header))
		return elf_fault("the ELF header cannot be read");
	TRY(check_header(image, &header));
	if (elf_getshdrnum(image->elf, &sections) != 0)
		return elf_fault("the section headers cannot be read");
	if (sections == 0 && header.e_shoff != 0)
		return error_create(ERROR_FORMAT, "the section headers are not in the file; is it "
						  "complete?");
	TRY(sections && !image->is_running ? add_sections(image, sections) : add_segments(image));
	return image_sort_regions(image);
}

/* ---- the symbol table ---------------------------------------------------------------------- */

static Elf_Scn *find_symbol_table(const struct image *image, GElf_Shdr *header)
{
	for (Elf_Scn *section = elf_nextscn(image->elf, NULL); section;
	     section = elf_nextscn(image->elf, section))
		if (gelf_getshdr(section, header) && header->sh_type == SHT_SYMTAB)
			return section;
	return NULL;
}

/* A name in a string table, which must end within it. */
static struct str name_in(const Elf_Data *strings, size_t offset)
{
	const char *text = strings->d_buf;

	if (!text || offset >= strings->d_size)
		return (struct str){0};
	size_t length = strnlen(text + offset, strings->d_size - offset);

	return length < strings->d_size - offset ? (struct str){text + offset, length}
						 : (struct str){0};
}

/* How well a symbol names what is at its address: functions, and global ones first. */
static uint8_t preference(const GElf_Sym *symbol)
{
	uint8_t type = GELF_ST_TYPE(symbol->st_info), binding = GELF_ST_BIND(symbol->st_info);

	return (uint8_t)((type == STT_FUNC ? 4 : 0) +
			 (binding == STB_GLOBAL ? 2 : binding == STB_WEAK));
}

static struct error *add_symbol(const struct image *image, const GElf_Sym *symbol, struct str name,
				struct symtab *table)
{
	uint8_t type = GELF_ST_TYPE(symbol->st_info);
	const struct region *region = NULL;
	uint64_t address = symbol->st_value;

	if (name.length == 0 || symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == SHN_ABS ||
	    (type != STT_NOTYPE && type != STT_FUNC && type != STT_OBJECT))
		return NULL;
	if (image->is_relocatable)
		address += (uint64_t)symbol->st_shndx << BASE_SHIFT;
	region = image_region(image, address);
	/* "$x", "$d", "$x.12": where code and data begin (ELF for the Arm 64-bit Architecture, 5.5). */
	if (name.length > 1 && name.text[0] == '$') {
		if (!region || !region->is_code)
			return NULL;
		return symtab_add_mapping(table, address, name.text[1] == 'd');
	}
	if (str_starts(name, STR(".L")))
		return NULL;
	struct image_symbol entry = {
		.name = name,
		.address = address,
		.is_text = type != STT_OBJECT && region && region->is_code,
		.preference = preference(symbol),
	};

	return symtab_add(table, &entry);
}

struct error *image_elf_symbols(const struct image *image, struct symtab *table)
{
	GElf_Shdr header;
	Elf_Scn *section = find_symbol_table(image, &header);

	if (!section)
		return NULL;
	Elf_Data *symbols = elf_getdata(section, NULL);
	Elf_Scn *string_section = elf_getscn(image->elf, header.sh_link);
	Elf_Data *strings = string_section ? elf_getdata(string_section, NULL) : NULL;

	if (!symbols || !strings || strings->d_type != ELF_T_BYTE)
		return elf_fault("the symbol table cannot be read");
	size_t count = symbols->d_size / sizeof(Elf64_Sym);

	for (size_t i = 1; i < count && i <= INT32_MAX; i++) {
		GElf_Sym symbol;

		if (!gelf_getsym(symbols, (int)i, &symbol))
			return elf_fault("a symbol cannot be read");
		TRY(add_symbol(image, &symbol, name_in(strings, symbol.st_name), table));
	}
	return NULL;
}

/* ---- notes --------------------------------------------------------------------------------- */

static void read_notes(Elf_Data *data, struct elf_notes *ret)
{
	GElf_Nhdr note;
	size_t name, content, next = 0;

	while (data && next < data->d_size) {
		size_t at = gelf_getnote(data, next, &note, &name, &content);
		const char *bytes = data->d_buf;

		if (at <= next)
			return;
		next = at;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof("GNU") &&
		    memcmp(bytes + name, "GNU", sizeof("GNU")) == 0)
			ret->build_id = (struct str){bytes + content, note.n_descsz};
		if (note.n_namesz == sizeof("VMCOREINFO") &&
		    memcmp(bytes + name, "VMCOREINFO", sizeof("VMCOREINFO")) == 0)
			ret->vmcoreinfo = (struct str){bytes + content, note.n_descsz};
	}
}

enum {
	/* kcore's has a page of vmcoreinfo and the registers of the CPUs. */
	NOTES_MAX = 16 * 1024 * 1024,
};

void image_elf_notes(const struct image *image, struct elf_notes *ret)
{
	size_t count = 0;

	*ret = (struct elf_notes){0};
	for (Elf_Scn *section = elf_nextscn(image->elf, NULL); section;
	     section = elf_nextscn(image->elf, section)) {
		GElf_Shdr header;

		if (gelf_getshdr(section, &header) && header.sh_type == SHT_NOTE &&
		    header.sh_size <= NOTES_MAX)
			read_notes(elf_getdata(section, NULL), ret);
	}
	if (ret->build_id.length || elf_getphdrnum(image->elf, &count) != 0)
		return;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr header;

		if (gelf_getphdr(image->elf, (int)i, &header) && header.p_type == PT_NOTE &&
		    header.p_filesz <= NOTES_MAX)
			read_notes(elf_getdata_rawchunk(image->elf, (int64_t)header.p_offset,
							header.p_filesz, ELF_T_NHDR),
				   ret);
	}
}
