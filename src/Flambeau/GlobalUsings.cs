global using Args = System.ReadOnlySpan<Flambeau.Tensor>;
