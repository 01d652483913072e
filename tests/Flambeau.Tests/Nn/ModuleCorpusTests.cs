using System.Text.Json.Nodes;
using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Nn;

/// <summary>Outputs, gradients and states of modules are PyTorch's.</summary>
public class ModuleCorpusTests
{
    public static TheoryData<string> Cases => new(Recorded.Names("modules.zip"));

    [Theory, MemberData(nameof(Cases))]
    public void Results_gradients_and_state_are_those_of_PyTorch(string name)
    {
        Recorded r = Recorded.Read("modules.zip", name);
        foreach (string mode in (string[])["eval", "train"])
        {
            if (r.Case[mode] is not JsonObject expected) continue;
            Module m = ModuleCorpus.Make(r).To(DType.Float64);
            m.LoadStateDict(r.Case["state_dict"]!.AsObject().ToDictionary(s => s.Key, s => r.Tensor(s.Value)), assign: true);
            m.Train(mode == "train");
            Tensor[] inputs = [.. Tensors(new JsonArray(r.Case["inputs"]!.DeepClone(), r.Case["input_kwargs"]!.DeepClone()))
                .Select(t => r.Tensor(t).Detach().Clone().SetRequiresGrad((bool?)t["rg"] ?? false))];
            Tensor[] y = ModuleCorpus.Call(m, r, inputs);

            JsonObject[] outputs = [.. Tensors(expected["outputs"])];
            Assert.Equal(outputs.Length, y.Length);
            for (int i = 0; i < y.Length; i++) Assert.Null(ModuleCorpus.Difference($"{mode}: result {i}", r.Tensor(outputs[i]), y[i]));

            // PyTorch's own derivative of CrossMapLRN2d is not that of its result.
            if (expected["cotangents"] is JsonArray cotangents && (string)r.Case["module"]! != "CrossMapLRN2d")
            {
                Tensor[] differentiable = [.. y.Where((_, i) => (bool?)outputs[i]["rg"] ?? false)];
                Autograd.Backward(differentiable, [.. cotangents.Select(c => r.Tensor(c))]);
                Tensor[] wanted = [.. inputs.Where(x => x.RequiresGrad)];
                JsonArray inputGrads = expected["input_grads"]!.AsArray();
                for (int i = 0; i < wanted.Length; i++)
                    if (inputGrads[i]!["t"] is not null) Assert.Null(ModuleCorpus.Difference($"{mode}: gradient of input {i}", r.Tensor(inputGrads[i]), wanted[i].Grad));
                Dictionary<string, Parameter> parameters = m.NamedParameters().ToDictionary(p => p.Name, p => p.Value);
                foreach ((string key, JsonNode? g) in expected["param_grads"]!.AsObject())
                    if (g!["t"] is not null) Assert.Null(ModuleCorpus.Difference($"{mode}: gradient of {key}", r.Tensor(g), parameters[key].Grad));
            }
            foreach ((string key, JsonNode? s) in expected["state_dict_after"] as JsonObject ?? [])
                Assert.Null(ModuleCorpus.Difference($"{mode}: {key} after", r.Tensor(s), m.StateDict()[key]));
        }
    }

    static IEnumerable<JsonObject> Tensors(JsonNode? v) => v switch
    {
        JsonObject o when o["t"] is JsonValue => [o],
        JsonObject o => o.SelectMany(x => Tensors(x.Value)),
        JsonArray a => a.SelectMany(Tensors),
        _ => [],
    };
}
