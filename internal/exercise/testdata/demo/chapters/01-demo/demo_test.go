package demo_test

import (
	"testing"

	"metatrace/internal/exercise"
	demo "metatrace/internal/exercise/testdata/demo/chapters/01-demo"
	demosolution "metatrace/internal/exercise/testdata/demo/solutions/01-demo"
)

func TestExercise1_1_Double(t *testing.T) {
	exercise.Run(t, exercise.ByID(demo.Exercises, "1.1"), demo.Yours.Double, demosolution.Kit.Double,
		func(t exercise.TB, double func(int) int) {
			for _, x := range []int{0, 2, -3} {
				if got, want := double(x), x+x; got != want {
					t.Errorf("double(%d) = %d, want %d", x, got, want)
				}
			}
		},
		exercise.Wrong("squares", func(x int) int { return x * x }),
		exercise.Wrong("panics", func(x int) int { return x / (x - x) }),
	)
}

func TestExercise1_2_Halve(t *testing.T) {
	exercise.Run(t, exercise.ByID(demo.Exercises, "1.2"), demo.Yours.Halve, demosolution.Kit.Halve,
		func(t exercise.TB, halve func(int) int) {
			if got := halve(4); got != 2 {
				t.Fatalf("halve(4) = %d, want 2", got)
			}
		},
		exercise.Wrong("lucky", func(x int) int { return x - 2 }),
	)
}

func TestExercise1_3_Last(t *testing.T) {
	exercise.Run(t, exercise.ByID(demo.Exercises, "1.3"), demo.Yours.Last, demosolution.Kit.Last,
		func(t exercise.TB, last func([]int) int) {
			if got := last([]int{1, 2}); got != 2 {
				t.Errorf("last([1 2]) = %d", got)
			}
		})
}

func TestExercise1_4_Sum(t *testing.T) {
	exercise.Run(t, exercise.ByID(demo.Exercises, "1.4"), demo.Yours.Sum, demosolution.Kit.Sum,
		func(t exercise.TB, sum func(...int) int) {
			if got := sum(1, 2); got != 3 {
				t.Errorf("sum(1, 2) = %d", got)
			}
		})
}
