global using Args = System.ReadOnlySpan<Flambeau.Tensor>;
global using BeforeHook = System.Func<Flambeau.Nn.Module, Flambeau.Tensor?[], Flambeau.Tensor?[]?>;
global using AfterHook = System.Func<Flambeau.Nn.Module, Flambeau.Tensor?[], Flambeau.Tensor?[], Flambeau.Tensor?[]?>;
