package main

import (
	"math"
	"slices"
)

// median is the middle of the values; of an even number, the mean of the two in
// the middle. It is NaN of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	if n%2 == 1 {
		return v[n/2]
	}
	return (v[n/2-1] + v[n/2]) / 2
}

// quantile is the smallest value that at least the share q of the sorted values
// does not exceed (the nearest-rank method); NaN of none.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	rank := int(math.Ceil(q * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// figure is one number of a row: what every repetition measured.
type figure []float64

func (f figure) median() float64 { return median(f) }
func (f figure) least() float64  { return slices.Min(f) }
func (f figure) most() float64   { return slices.Max(f) }

// sample is what one repetition of one server measured, by the names of the
// row's figures.
type sample map[string]float64

// side is one of the two that are compared.
type side int

const (
	ours side = iota
	limit
)

// String is how the side is called in what the program writes.
func (s side) String() string { return [...]string{"ours", "limit"}[s] }

// pair holds what each side measured, repetition by repetition.
type pair [2][]sample

// figure returns one figure of one side.
func (p pair) figure(s side, name string) figure {
	var f figure
	for _, m := range p[s] {
		if v, ok := m[name]; ok {
			f = append(f, v)
		}
	}
	return f
}

// ratio is ours over the limit, of the medians; NaN if either is missing.
func (p pair) ratio(name string) float64 {
	return p.figure(ours, name).median() / p.figure(limit, name).median()
}

// interleave measures the two sides in turn, n times each, ours first.
func interleave(n int, measure func(s side, repetition int) (sample, error)) (pair, error) {
	var p pair
	for i := range n {
		for _, s := range []side{ours, limit} {
			m, err := measure(s, i)
			if err != nil {
				return p, err
			}
			p[s] = append(p[s], m)
		}
	}
	return p, nil
}
