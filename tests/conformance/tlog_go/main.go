// Command tlogcheck reads a log that Roadworthy wrote, as JSON on standard input, and checks it
// with the packages behind Go's checksum database: notes, tiles, roots and both kinds of proof.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	f_note "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type checkpoint struct {
	Note string
	Size int64
	Root []byte
}

type inclusion struct {
	Index, Size int64
	Entry       []byte
	Proof       [][]byte
}

type consistency struct {
	Old, Size int64
	Proof     [][]byte
}

type input struct {
	Log, Witness string
	Checkpoints  []checkpoint
	Inclusions   []inclusion
	Consistency  []consistency
	Tiles        map[string][]byte
}

// tiles serves the tiles by the addresses of C2SP tlog-tiles; Go's own differ in the first part.
type tiles map[string][]byte

func (t tiles) Height() int                                { return 8 }
func (t tiles) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, ok := t[path]
		if !ok {
			return nil, fmt.Errorf("no tile %s", path)
		}
		found = append(found, data)
	}
	return found, nil
}

func hash(content []byte) (h tlog.Hash) {
	copy(h[:], content)
	return h
}

func hashes(content [][]byte) (list []tlog.Hash) {
	for _, one := range content {
		list = append(list, hash(one))
	}
	return list
}

func check(in input) error {
	log, err := note.NewVerifier(in.Log)
	if err != nil {
		return err
	}
	witness, err := f_note.NewVerifierForCosignatureV1(in.Witness)
	if err != nil {
		return err
	}
	roots := map[int64]tlog.Hash{}
	for _, one := range in.Checkpoints {
		opened, err := note.Open([]byte(one.Note), note.VerifierList(log, witness))
		if err != nil {
			return err
		}
		if len(opened.Sigs) != 2 || len(opened.UnverifiedSigs) != 0 {
			return errors.New("the log and the witness have not both signed")
		}
		roots[one.Size] = hash(one.Root)
		tree := tlog.Tree{N: one.Size, Hash: roots[one.Size]}
		reader := tlog.TileHashReader(tree, tiles(in.Tiles))
		root, err := tlog.TreeHash(one.Size, reader)
		if err != nil {
			return err
		}
		if root != tree.Hash {
			return fmt.Errorf("another root at size %d", one.Size)
		}
	}
	for _, one := range in.Inclusions {
		leaf := tlog.RecordHash(one.Entry)
		tree := tlog.Tree{N: one.Size, Hash: roots[one.Size]}
		stored, err := tlog.TileHashReader(tree, tiles(in.Tiles)).ReadHashes(
			[]int64{tlog.StoredHashIndex(0, one.Index)})
		if err != nil {
			return err
		}
		if stored[0] != leaf {
			return fmt.Errorf("another hash of entry %d in the tiles", one.Index)
		}
		err = tlog.CheckRecord(hashes(one.Proof), one.Size, roots[one.Size], one.Index, leaf)
		if err != nil {
			return fmt.Errorf("entry %d at size %d: %w", one.Index, one.Size, err)
		}
	}
	for _, one := range in.Consistency {
		err := tlog.CheckTree(hashes(one.Proof), one.Size, roots[one.Size], one.Old, roots[one.Old])
		if err != nil {
			return fmt.Errorf("from %d to %d: %w", one.Old, one.Size, err)
		}
	}
	return nil
}

func main() {
	var in input
	err := json.NewDecoder(os.Stdin).Decode(&in)
	if err == nil {
		err = check(in)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ok")
}
