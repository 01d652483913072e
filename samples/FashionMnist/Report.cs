using Flambeau.Datasets;
using Flambeau.IO;
using Flambeau.Nn;
using Flambeau.Training;
using Flambeau.Training.Plots;
using Flambeau.Vision.Datasets;

namespace Flambeau.Samples.FashionMnist;

/// <summary>The pictures that a finished run leaves: the confusion matrix, and the errors it was surest of.</summary>
static class Report
{
    const int Side = Vision.Datasets.FashionMnist.Side, Shown = 40;

    public static double Write(Network model, LabelledImages test, string folder)
    {
        SafeTensors.Save(Path.Combine(folder, "weights.safetensors"), model.StateDict());
        IReadOnlyList<string> names = Vision.Datasets.FashionMnist.ClassNames;
        ConfusionCounts counts = new(names.Count);
        List<(int Index, int Said, float Share)> errors = [];
        model.Eval();
        using (Autograd.InferenceMode())
        {
            int at = 0;
            foreach ((Tensor input, Tensor target) in new DataLoader<(Tensor Input, Tensor Target)>(new GarmentImages(test, varies: false), 250))
            {
                Tensor shares = F.Softmax(model.Call(input), 1);
                float[] share = shares.Amax([1]).ToArray<float>();
                long[] said = shares.ArgMax(1).ToArray<long>(), truth = target.ToArray<long>();
                counts.Add(truth, said);
                for (int i = 0; i < said.Length; i++, at++) if (said[i] != truth[i]) errors.Add((at, (int)said[i], share[i]));
            }
        }
        new ConfusionMatrix(counts, names) { Title = "Fashion-MNIST" }.SavePng(Path.Combine(folder, "confusion.png"));
        ContactSheet sheet = new() { Title = $"{errors.Count} errors" + (errors.Count > Shown ? $", the {Shown} surest" : ""), Columns = 8 };
        foreach ((int index, int said, float share) in errors.OrderByDescending(e => e.Share).Take(Shown))
            sheet.Add(test[index].ToArray(), Side, Side, 1, $"is: {names[test.Labels[index]]}", $"said: {names[said]} {share:P0}");
        sheet.SavePng(Path.Combine(folder, "errors.png"));
        return counts.Accuracy;
    }
}
