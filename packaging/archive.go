package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"io/fs"
	"path"
	"time"
)

// archive is a tar.gz or, for Windows, a zip file with everything in one folder.
func (s source) archive(t target, binary []byte, c common) (name string, data []byte, err error) {
	folder := "ddns-batch_" + s.named() + "_" + t.os + "_" + t.arch + t.suffix
	files := []file{{path: t.program(), mode: 0o755, data: binary}}
	files = append(files, c.texts...)
	files = append(files, c.docs...)
	files = append(files, c.examples...)
	for _, page := range c.manPages {
		files = append(files, file{path: "man/" + page.path, mode: page.mode, data: page.data})
	}
	for _, shell := range shells {
		files = append(files, file{path: "completions/ddns-batch." + shell, mode: 0o644, data: c.completions[shell]})
	}
	for i := range files {
		files[i].path = path.Join(folder, files[i].path)
	}
	if t.os == "windows" {
		data, err = zipped(files, s.at)
		return folder + ".zip", data, err
	}
	tarball, err := tarred(files, s.at)
	if err != nil {
		return "", nil, err
	}
	data, err = compressed(tarball)
	return folder + ".tar.gz", data, err
}

// tarred is a tar archive in which everything belongs to root. A mode may say that a file is a folder.
func tarred(files []file, at time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, f := range files {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: f.path, Mode: int64(f.mode.Perm()), Size: int64(len(f.data)), ModTime: at, Format: tar.FormatPAX}
		if f.mode.IsDir() {
			h.Typeflag, h.Name = tar.TypeDir, f.path+"/"
		}
		h.Uid, h.Gid = f.owner, f.owner
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}

func zipped(files []file, at time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.path, Method: zip.Deflate, Modified: at}
		h.SetMode(f.mode & fs.ModePerm)
		to, err := w.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		if _, err := to.Write(f.data); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}
