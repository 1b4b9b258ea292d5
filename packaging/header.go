package packaging

import "time"

// header is what the local header and the directory record of a new record say.
type header struct {
	madeBy     uint16
	flags      uint16
	method     uint16
	time, date uint16
	crc        uint32
	size       uint64
	packed     uint64
	name       string
	internal   uint16
	external   uint32
	comment    string
}

// newHeader is the header that Tableau would write for a new entry.
func newHeader(e *edit) header {
	h := header{flags: 0x0006, method: Deflated, name: e.name()}
	if needsUTF8Flag(h.name) {
		h.flags |= flagUTF8
	}
	if isDocumentName(h.name) {
		h.internal = 1 // text
	}
	h.date, h.time = toDOS(e.Modified)
	return h
}

// replacedHeader is the header of an entry that gets new content.
func replacedHeader(r *record, e *edit) header {
	b := r.central
	h := header{
		madeBy: le.Uint16(b[4:]), flags: r.flags &^ flagDescriptor, method: Deflated, name: e.name(),
		time: le.Uint16(b[12:]), date: le.Uint16(b[14:]),
		internal: le.Uint16(b[36:]), external: le.Uint32(b[38:]),
		comment: string(b[len(b)-int(le.Uint16(b[32:])):]),
	}
	if r.Method == Stored {
		h.method = Stored
	}
	if e.NewName != "" && needsUTF8Flag(h.name) {
		h.flags |= flagUTF8
	}
	if !e.Modified.IsZero() {
		h.date, h.time = toDOS(e.Modified)
	}
	return h
}

func (h *header) wide() bool { return h.size >= max32 || h.packed >= max32 }

// common appends the fields from "version needed" to the length of the name, which both headers share.
func (h *header) common(b []byte) []byte {
	need, packed, size := uint16(versionPlain), uint32(h.packed), uint32(h.size)
	if h.wide() {
		need, packed, size = versionZip64, max32, max32
	}
	b = le.AppendUint16(b, need)
	b = le.AppendUint16(b, h.flags)
	b = le.AppendUint16(b, h.method)
	b = le.AppendUint16(b, h.time)
	b = le.AppendUint16(b, h.date)
	b = le.AppendUint32(b, h.crc)
	b = le.AppendUint32(b, packed)
	b = le.AppendUint32(b, size)
	return le.AppendUint16(b, uint16(len(h.name)))
}

// extra is the zip64 field where one is needed, and empty otherwise.
func (h *header) extra() []byte {
	if !h.wide() {
		return nil
	}
	return appendZip64(nil, h.size, h.packed)
}

// local is the local header.
func (h *header) local() []byte {
	extra := h.extra()
	b := h.common([]byte(localMagic))
	b = le.AppendUint16(b, uint16(len(extra)))
	b = append(b, h.name...)
	return append(b, extra...)
}

// central is the directory record, with an offset of 0.
func (h *header) central() []byte {
	extra := h.extra()
	b := le.AppendUint16([]byte(centralMagic), h.madeBy)
	b = h.common(b)
	b = le.AppendUint16(b, uint16(len(extra)))
	b = le.AppendUint16(b, uint16(len(h.comment)))
	b = le.AppendUint16(b, 0) // disk
	b = le.AppendUint16(b, h.internal)
	b = le.AppendUint32(b, h.external)
	b = le.AppendUint32(b, 0) // offset
	b = append(b, h.name...)
	b = append(b, extra...)
	return append(b, h.comment...)
}

// fromDOS is the time of a record, the zero time where the record has none.
func fromDOS(date, clock uint16) time.Time {
	if date == 0 {
		return time.Time{}
	}
	return time.Date(1980+int(date>>9), time.Month(date>>5&15), int(date&31),
		int(clock>>11), int(clock>>5&63), int(clock&31)*2, 0, time.UTC)
}

// toDOS is the time as a record holds it; what lies before 1980 or after 2107 becomes the first or last moment there is.
func toDOS(t time.Time) (date, clock uint16) {
	switch {
	case t.Year() < 1980:
		return 1<<5 | 1, 0
	case t.Year() > 2107:
		return 127<<9 | 12<<5 | 31, 23<<11 | 59<<5 | 29
	}
	return uint16(t.Year()-1980)<<9 | uint16(t.Month())<<5 | uint16(t.Day()),
		uint16(t.Hour())<<11 | uint16(t.Minute())<<5 | uint16(t.Second()/2)
}
