using Spectre.Console;
using Xunit;

namespace Flambeau.Training.Tests;

public class ProgressTests
{
    private sealed class Clock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Pass(double seconds) => _ticks += TimeSpan.FromSeconds(seconds).Ticks;
    }

    private static void Train(ITrainingProgress progress, Clock clock, TrainingPlan plan)
    {
        progress.Start(plan);
        for (int epoch = plan.FirstEpoch; epoch <= plan.Epochs; epoch++)
        {
            for (int step = 1; step <= plan.StepsPerEpoch; step++)
            {
                clock.Pass(1);
                progress.Step(new(epoch, step, Samples: 64, Loss: 1.0 / step, Accuracy: 0.5));
            }
            clock.Pass(2);
            progress.Epoch(new(epoch, 0.25, 0.9, 0.3, 0.875, IsBest: epoch == 2));
        }
        progress.Note("saved [model]");
        progress.Dispose();
    }

    [Fact]
    public void Plain_lines_tell_everything()
    {
        Clock clock = new();
        StringWriter output = new() { NewLine = "\n" };
        Train(new PlainProgress(output, clock) { Interval = TimeSpan.FromSeconds(2) }, clock, new(2, 5));
        Assert.Equal(
            """
            epoch 1/2   40 %  loss 0.5000  accuracy 50.0 %  64 images/s  0:08 left
            epoch 1/2   80 %  loss 0.2500  accuracy 50.0 %  64 images/s  0:06 left
            epoch 1/2  loss 0.2500  accuracy 90.0 %  validation loss 0.3000  validation accuracy 87.5 %  7.0 s
            epoch 2/2   40 %  loss 0.5000  accuracy 50.0 %  64 images/s  0:04 left
            epoch 2/2   80 %  loss 0.2500  accuracy 50.0 %  64 images/s  0:02 left
            epoch 2/2  loss 0.2500  accuracy 90.0 %  validation loss 0.3000  validation accuracy 87.5 %  7.0 s  best so far
            saved [model]

            """.ReplaceLineEndings("\n"), output.ToString());
    }

    [Fact]
    public void Time_left_of_a_resumed_run_counts_only_its_own_steps()
    {
        Clock clock = new();
        ProgressMeter meter = new(new(10, 100) { FirstEpoch = 9 }, clock);
        Assert.Null(meter.Left);
        clock.Pass(3);
        meter.Step(new(9, 1, 10, 1));
        Assert.Equal(3 * 199, meter.Left!.Value.TotalSeconds, 6);
    }

    [Fact]
    public void What_is_not_known_is_not_shown()
    {
        Assert.Equal("epoch  3/10  loss 1.5000  1:02:03", ProgressText.Epoch(new(3, 1.5), 10, new(1, 2, 3)));
        Assert.Equal("epoch 3/9  loss 2.50e-5  0.1 s", ProgressText.Epoch(new(3, 2.5e-5), 9, TimeSpan.FromSeconds(0.1)));
        Assert.Equal("", ProgressText.Step(new ProgressMeter(new(1, 1), new Clock())));
    }

    [Theory]
    [InlineData(30)]
    [InlineData(80)]
    [InlineData(200)]
    public void The_live_line_fits_the_terminal(int width)
    {
        Clock clock = new();
        ProgressMeter meter = new(new(10, 100), clock);
        clock.Pass(1);
        meter.Step(new(1, 50, 64, 0.4, 0.8));
        foreach (bool unicode in (bool[])[false, true])
        {
            string line = Markup.Remove(LiveProgress.Line(meter, width, unicode));
            Assert.True(line.Length < width, line);
            Assert.StartsWith("epoch  1/10", line);
        }
    }

    [Fact]
    public void The_live_display_keeps_the_lines_of_epochs_and_notes()
    {
        Clock clock = new();
        StringWriter output = new();
        IAnsiConsole console = AnsiConsole.Create(new()
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 160;
        Train(new LiveProgress(console, clock), clock, new(3, 4));
        string text = output.ToString();
        Assert.Equal(3, Enumerable.Range(1, 3).Count(epoch => text.Contains($"epoch {epoch}/3  loss 0.2500")));
        Assert.Contains("best so far", text);
        Assert.Contains("saved [model]", text);
    }

    [Fact]
    public void Steps_before_the_start_are_refused()
    {
        Assert.Throws<InvalidOperationException>(() => new PlainProgress(TextWriter.Null).Step(default));
        Assert.Throws<InvalidOperationException>(() => new LiveProgress().Step(default));
    }

    [Theory]
    [InlineData(false, null, "xterm", true)]
    [InlineData(true, null, "xterm", false)]
    [InlineData(false, "true", "xterm", false)]
    [InlineData(false, "false", "xterm", true)]
    [InlineData(false, null, "dumb", false)]
    public void A_live_display_needs_a_terminal(bool redirected, string? ci, string term, bool live) =>
        Assert.Equal(live, TrainingProgress.WantsLive(redirected, name => name == "CI" ? ci : term));
}
