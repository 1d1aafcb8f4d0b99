package prove

import knownbits "metatrace/chapters/04-knownbits"

// Reduce tries a function that brings a range and bits together; false: no number
// is in both.
func Reduce(width int, f func(r knownbits.Range, b knownbits.Bits) (knownbits.Known, bool)) *Report {
	r := &Report{}
	for w := 1; w <= width && r.Sound(); w++ {
		for _, at := range []place{low(w), top(w), plain(w), first(w), last(w)} {
			r.cut(spaceOf(rangeOnly, at), freeBits(at), func(a, b knownbits.Known) (knownbits.Known, bool) {
				return f(a.Range, b.Bits)
			})
		}
	}
	return r
}

// Meet tries a function that says which numbers are in both of two values.
func Meet(width int, f func(a, b knownbits.Known) (knownbits.Known, bool)) *Report {
	r := &Report{}
	for w := 1; w <= width && r.Sound(); w++ {
		places := []place{low(w), top(w), first(w), last(w)}
		if w == largest {
			places = places[:1]
		}
		for _, at := range places {
			r.cut(spaceOf(both, at), spaceOf(both, at), f)
		}
	}
	return r
}

// freeBits returns all values of the bits at p of which the range says nothing:
// the bits above are not known.
func freeBits(p place) *space {
	free := noValues(bitsOnly, p, p.numbers())
	mask := (uint64(1)<<p.width - 1) << p.shift
	for unk := mask; ; unk = (unk - 1) & mask {
		for ones := mask &^ unk; ; ones = (ones - 1) & mask &^ unk {
			b := knownbits.Bits{Ones: ones, Unk: unk | ^(mask | (1<<p.shift - 1))}
			v := value{known: knownbits.Known{Range: knownbits.AnyRange, Bits: b}}
			for i, n := range free.numbers {
				if b.Contains(n) {
					v.members |= 1 << i
					v.count++
				}
			}
			free.values = append(free.values, v)
			if ones == 0 {
				break
			}
		}
		if unk == 0 {
			break
		}
	}
	free.sort()
	return free
}

func (r *Report) cut(as, bs *space, f func(a, b knownbits.Known) (knownbits.Known, bool)) {
	for _, a := range as.values {
		for _, b := range bs.values {
			r.Pairs++
			common := a.members & b.members
			got, ok := f(a.known, b.known)
			given := func() string {
				return as.describe(as.view, a) + " and " + bs.describe(bs.view, b)
			}
			r.compare(comparison{both, as.place, as.abstract(common), a.count * b.count, given, func() string {
				text := given() + ": "
				for _, x := range as.list(common) {
					switch {
					case !ok:
						return text + as.place.number(both, x) + " is in both; the answer is that nothing is"
					case !got.Contains(x):
						return text + as.place.number(both, x) + " is in both and missing from the answer " + as.place.text(both, got)
					}
				}
				return text + "the answer is no value: " + got.String()
			}}, got, ok)
		}
	}
}
