package packaging

import "fmt"

// reason is a sentinel together with the advice that goes with it.
type reason struct{ text, hint string }

func (r *reason) Error() string { return r.text }

// The reasons to refuse a package, an entry or a change. Test for them with errors.Is.
var (
	// ErrEmpty: the file has no bytes.
	ErrEmpty error = &reason{"the file is empty", "save or download it again"}
	// ErrPointer: the file is the text that Git LFS keeps in place of the real one.
	ErrPointer error = &reason{"the file is a Git LFS pointer, not the file it stands for", "run git lfs pull in its repository"}
	// ErrBareDocument: the file is an XML document, which needs no package around it.
	ErrBareDocument error = &reason{"the file is a bare XML document, not a package", "open it as a .twb or .tds"}
	// ErrNotPackage: the file is no zip archive at all.
	ErrNotPackage error = &reason{"the file is not a zip archive", "save it from Tableau as a .twbx or .tdsx"}
	// ErrTruncated: the file, its directory or a record ends too early.
	ErrTruncated error = &reason{"the package is cut short", "download or copy it again"}
	// ErrExtraBytes: bytes before, between or after the records belong to none of them.
	ErrExtraBytes error = &reason{"bytes that belong to no entry", "save the package again from Tableau, or repack it with a zip tool"}
	// ErrMultiDisk: the archive is one part of several.
	ErrMultiDisk error = &reason{"the archive is split into several files", "join the parts into one archive"}
	// ErrCorrupt: a header, the directory or deflated data breaks its own format.
	ErrCorrupt error = &reason{"the package is damaged", "save the package again from Tableau, or repack it with a zip tool"}
	// ErrMismatch: the local header and the directory disagree, so readers would see different entries.
	ErrMismatch error = &reason{"local header and directory disagree", "save the package again from Tableau, or repack it with a zip tool"}
	// ErrName: the name is empty, leaves the package when extracted, or means different files on different systems.
	ErrName error = &reason{"unsafe entry name", "rename the entry to a relative path with forward slashes"}
	// ErrDuplicate: two entries have one name, or names that differ only in case.
	ErrDuplicate error = &reason{"two entries have the same name", "rename or remove one of them"}
	// ErrSpecial: the entry is a symbolic link, a device or another thing that is neither file nor folder.
	ErrSpecial error = &reason{"neither a file nor a folder", "pack the file itself instead"}
	// ErrEncrypted: the entry or the directory is encrypted.
	ErrEncrypted error = &reason{"the entry is encrypted", "repack it without a password"}
	// ErrOverlap: two records share bytes.
	ErrOverlap error = &reason{"two entries overlap", "do not trust this file; save the package again from Tableau"}
	// ErrLimit: a limit of Open, or of the call that reads an entry, is exceeded.
	ErrLimit error = &reason{"a limit is exceeded", "raise the limit if the file can be trusted"}
	// ErrMethod: the content is needed, and it is compressed by a method other than stored and deflated.
	ErrMethod error = &reason{"unsupported compression method", "repack it with the deflate method"}
	// ErrChecksum: the content is not what the CRC-32 in the directory was taken of.
	ErrChecksum error = &reason{"checksum is wrong", "download or copy the package again"}
	// ErrSize: the content is longer or shorter than declared.
	ErrSize error = &reason{"size is not the declared one", "do not trust this file; save the package again from Tableau"}
	// ErrNoDocument: there is no .twb or .tds at the root of the package.
	ErrNoDocument error = &reason{"no document", "a .twbx or .tdsx has one .twb or .tds at its root"}
	// ErrManyDocuments: there are several documents at the root of the package.
	ErrManyDocuments error = &reason{"more than one document", "keep one .twb or .tds at the root of the package"}
	// ErrNotFound: no entry has the name.
	ErrNotFound error = &reason{"no such entry", "use a name as it stands in the package; to add an entry, set Add"}
	// ErrChange: a change contradicts itself or another one.
	ErrChange error = &reason{"contradictory change", "give one change for each entry"}
)

// Error is a refusal: what is wrong, with which entry. It wraps Reason, one of the Err sentinels, and Err, the cause
// below it, when there is one.
type Error struct {
	Entry  string // name of the entry, "" when the whole package is meant
	Reason error  // one of the Err sentinels
	Detail string // the particulars, "" when Reason says it all
	Err    error  // cause, or nil
}

// Error gives the message, without the hint.
func (e *Error) Error() string {
	msg := e.Detail
	if msg == "" {
		msg = e.Reason.Error()
	}
	if e.Entry != "" {
		msg = fmt.Sprintf("entry %q: %s", e.Entry, msg)
	}
	if e.Err != nil {
		msg += ": " + e.Err.Error()
	}
	return msg
}

// Unwrap lets errors.Is and errors.AsType see the reason and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Reason}
	}
	return []error{e.Reason, e.Err}
}

// Hint says what a person can do about it, in a few words.
func (e *Error) Hint() string {
	if r, ok := e.Reason.(*reason); ok {
		return r.hint
	}
	return ""
}

// refuse makes an Error; a format of "" leaves the message to the reason.
func refuse(entry string, why error, format string, args ...any) *Error {
	return &Error{Entry: entry, Reason: why, Detail: fmt.Sprintf(format, args...)}
}
