package demo_test

import "testing"

func TestExercise1_1_Double(t *testing.T) {}

func TestExercise1_2_Halve(t *testing.T) {}
